"""The `webhook` of a request that draws."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.strict import StrictSerializer
from generation.models.webhooks import FINAL, WebhookEvent
from generation.webhooks.destinations import URL_MAX_LENGTH, BadDestination, destination


@extend_schema_field({"type": "string", "format": "uri", "maxLength": URL_MAX_LENGTH})
class DestinationField(serializers.CharField):
    """Refuses what can be seen to be wrong. What a name resolves to is looked at when something is sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=URL_MAX_LENGTH, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        url = super().to_internal_value(data)
        if len(url) > URL_MAX_LENGTH:
            self.fail("max_length", max_length=URL_MAX_LENGTH)
        try:
            destination(url)
        except BadDestination as error:
            raise serializers.ValidationError(str(error), code=error.code) from error
        return url


class WebhookRequest(StrictSerializer):
    """Where to tell what becomes of the generation."""

    default_error_messages = {"invalid": _("A JSON object is required.")}

    url = DestinationField(
        help_text=(
            "An https:// address on the public Internet. What is sent there is signed by Standard Webhooks with the "
            "secret of `/account/webhook-secret`."
        )
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.values),
        min_length=1,
        max_length=len(WebhookEvent),
        default=[event.value for event in FINAL],
        help_text="What is told.",
    )

    def validate_events(self, events: list[str]) -> list[str]:
        return [event for event in WebhookEvent.values if event in events]
