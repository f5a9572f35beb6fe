"""What is shown of webhooks to whom they belong."""

from rest_framework import serializers

from generation.models import SigningSecret, WebhookDelivery


class SigningSecretSerializer(serializers.ModelSerializer[SigningSecret]):
    """What the webhooks of an account are signed with."""

    secret = serializers.CharField(
        read_only=True, help_text="`whsec_` and base64, as Standard Webhooks has it."
    )

    class Meta:
        model = SigningSecret
        fields = ["secret", "former_until"]
        read_only_fields = fields
        extra_kwargs = {
            "former_until": {
                "help_text": "Until when the secret before this one signs as well; null if there was none."
            }
        }


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """An event, where it was to be delivered, and how far it came. For the export."""

    generation = serializers.UUIDField(source="webhook.generation_id")
    url = serializers.CharField(source="webhook.url")

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "generation",
            "event",
            "url",
            "state",
            "attempts",
            "created_at",
            "last_tried_at",
            "last_status",
            "last_error",
        ]
