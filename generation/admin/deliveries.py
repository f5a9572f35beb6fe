"""What was told to others' servers: to be looked at, and to be sent once more."""

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.lists import LongList
from accounts.models import User
from generation.models import Webhook, WebhookDelivery, WebhookEvent


class EventFilter(admin.SimpleListFilter):
    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(event.value, event.value) for event in WebhookEvent]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> QuerySet[WebhookDelivery]:
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LongList):
    """Of an address only its host is shown, for the rest may be a secret; of what was sent, nothing."""

    actions = ["replay"]
    list_display = ["created_at", "event", "user", "host", "state", "outcome", "attempts", "next_try"]
    list_filter = ["state", EventFilter, "created_at"]
    list_select_related = ["user", "webhook"]
    sortable_by = ["created_at"]
    search_help_text = "An e-mail address or a part of it, or the id of a delivery, a generation or a user"
    fields = [
        "id",
        "event",
        "user",
        "generation",
        "host",
        "state",
        "outcome",
        "attempts",
        "next_try",
        "created_at",
        "last_tried_at",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> bool:
        """Nobody rewrites what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> bool:
        return False

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.change_webhookdelivery")

    def with_id(self, wanted: UUID) -> Q:
        webhooks = Webhook.objects.filter(generation=wanted).values_list("pk", flat=True)
        return super().with_id(wanted) | Q(pk=wanted) | Q(webhook__in=list(webhooks))

    @admin.action(description="Send again, now", permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]) -> None:
        assert isinstance(request.user, User)
        done = 0
        for delivery in chosen.filter(request.user.manages("user__")):
            if delivery.replay():
                self.log_change(request, delivery, "Sent again.")
                done += 1
        level = messages.SUCCESS if done else messages.WARNING
        self.message_user(request, f"Sent again: {done} of {len(chosen)}.", level)

    @admin.display(description="generation")
    def generation(self, delivery: WebhookDelivery) -> str:
        return str(delivery.webhook.generation_id)

    @admin.display(description="host")
    def host(self, delivery: WebhookDelivery) -> str:
        return delivery.host

    @admin.display(description="last answer")
    def outcome(self, delivery: WebhookDelivery) -> str:
        return str(delivery.last_status or delivery.last_error)

    @admin.display(description="next try")
    def next_try(self, delivery: WebhookDelivery) -> str:
        return f"{delivery.next_try_at:%Y-%m-%d %H:%M:%S}" if delivery.is_waiting else ""
