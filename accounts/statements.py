"""What the operations on credits take and give."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import IncreaseStatus, Kind, LedgerEntry, LimitIncrease
from accounts.models.increases import MOST_CREDITS, REASON_MAX_LENGTH
from accounts.pagination import PageSerializer
from accounts.strict import StrictSerializer


class LedgerEntrySerializer(serializers.ModelSerializer[LedgerEntry]):
    """One change of the caller's credits."""

    kind = serializers.ChoiceField(choices=Kind.values, read_only=True)
    credits = serializers.IntegerField(
        read_only=True, help_text="What was given in all, or taken if negative; `allowance + balance`."
    )
    allowance = serializers.IntegerField(
        read_only=True, help_text="What of it concerns the allowance of the period."
    )
    balance = serializers.IntegerField(read_only=True, help_text="What of it concerns the balance.")

    class Meta:
        model = LedgerEntry
        fields = ["created_at", "kind", "credits", "allowance", "balance", "generation", "purchase", "reason"]
        read_only_fields = ["created_at", "generation", "purchase", "reason"]
        extra_kwargs = {
            "generation": {"help_text": "The id of the generation that it was for; null if for none."},
            "purchase": {"help_text": "The id of the paid request that it was for; null if for none."},
            "reason": {"help_text": "Why, in words; empty where `kind` says all."},
        }


class LedgerPageSerializer(PageSerializer):
    results = LedgerEntrySerializer(many=True)


class IncreaseRequest(StrictSerializer):
    credits = serializers.IntegerField(
        min_value=1, max_value=MOST_CREDITS, help_text="How many credits you need."
    )
    reason = serializers.CharField(
        min_length=1, max_length=REASON_MAX_LENGTH, help_text="What for; the people who decide read it."
    )


class IncreaseSerializer(serializers.ModelSerializer[LimitIncrease]):
    """A request for more credits."""

    status = serializers.ChoiceField(choices=IncreaseStatus.values, read_only=True)
    credits = serializers.IntegerField(read_only=True)
    price = serializers.IntegerField(
        source="purchase.amount",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="In the smallest unit of `currency`, such as cents; null where nothing is to be paid.",
    )
    currency = serializers.CharField(
        source="purchase.currency",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="ISO 4217, in lower case; null where nothing is to be paid.",
    )
    checkout_url = serializers.SerializerMethodField(
        help_text="Where to pay, in a browser, within a day; null unless the payment is awaited."
    )

    class Meta:
        model = LimitIncrease
        fields = [
            "id",
            "status",
            "credits",
            "reason",
            "note",
            "price",
            "currency",
            "checkout_url",
            "created_at",
            "decided_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "note": {"help_text": "What those who decided say to it; empty if nothing."},
            "decided_at": {"help_text": "Null until it is decided, paid or over."},
        }

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_checkout_url(self, increase: LimitIncrease) -> str | None:
        awaited = increase.status == IncreaseStatus.PENDING_PAYMENT
        return (increase.purchase.checkout_url or None) if awaited else None


class IncreasePageSerializer(PageSerializer):
    results = IncreaseSerializer(many=True)
