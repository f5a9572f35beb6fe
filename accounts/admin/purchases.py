"""Purchases, to be read: what becomes of one is between the buyer and Stripe, where money is given back."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.lists import LongList
from accounts.models import Dispute, Purchase, StripeEvent
from accounts.payments.money import in_words

STRIPES = ("cs_", "pi_")


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DisputeInline(ReadOnlyInline):
    model = Dispute


class StripeEventInline(ReadOnlyInline):
    model = StripeEvent
    fields = ["processed_at", "type", "id"]


class TroubleFilter(admin.SimpleListFilter):
    """What somebody has to look at."""

    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attention", "Needs attention"), ("owed", "Credits owed"), ("disputed", "Disputed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Purchase]) -> QuerySet[Purchase]:
        match self.value():
            case "attention":
                return queryset.exclude(attention="")
            case "owed":
                return queryset.filter(owed__gt=0)
            case "disputed":
                return queryset.filter(disputes__isnull=False).distinct()
            case _:
                return queryset


@admin.register(Purchase)
class PurchaseAdmin(LongList):
    list_display = [
        "created_at",
        "user",
        "credits",
        "price",
        "state",
        "back",
        "credited",
        "owed",
        "attention",
    ]
    list_filter = ["state", TroubleFilter, "created_at"]
    list_select_related = ["user"]
    search_help_text = "An e-mail address or a part of it, an id, or one of Stripe's (cs_..., pi_...)"
    inlines = [DisputeInline, StripeEventInline]
    fields = [
        "id",
        "user",
        "credits",
        "price",
        "state",
        "back",
        "credited",
        "owed",
        "attention",
        "session_id",
        "payment_intent",
        "created_at",
        "paid_at",
    ]

    @admin.display(ordering="amount")
    def price(self, purchase: Purchase) -> str:
        return in_words(purchase.amount, purchase.currency)

    @admin.display(description="given back", ordering="refunded")
    def back(self, purchase: Purchase) -> str:
        return in_words(purchase.refunded, purchase.currency) if purchase.refunded else ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As in other lists; or as Stripe names it."""
        term = search_term.strip()
        if term.startswith(STRIPES):
            return queryset.filter(Q(session_id=term) | Q(payment_intent=term)), False
        return super().get_search_results(request, queryset, term)

    def with_id(self, wanted: UUID) -> Q:
        return Q(user=wanted) | Q(pk=wanted)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Purchase | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Purchase | None = None) -> bool:
        return False
