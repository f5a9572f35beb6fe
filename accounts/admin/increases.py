"""Requests for more credits, for staff to decide."""

from collections.abc import Callable

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from accounts.models import IncreaseStatus, LimitIncrease, User

# Characters of a reason in the list; the request itself shows all of it.
SHOWN = 60


class DecisionForm(ActionForm):
    """What goes with the choice of an action."""

    note = forms.CharField(max_length=500, required=False, label="Note to the user:")


@admin.register(LimitIncrease)
class LimitIncreaseAdmin(admin.ModelAdmin):
    action_form = DecisionForm
    actions = ["approve", "decline"]
    list_display = ["created_at", "user", "credits", "status", "asked_for", "decided_at", "decided_by"]
    list_filter = ["status"]
    list_select_related = ["user", "decided_by"]
    search_fields = ["user__email", "reason"]
    date_hierarchy = "created_at"

    class Media:
        css = {"all": ["accounts/decisions.css"]}

    @admin.display(description="reason")
    def asked_for(self, increase: LimitIncrease) -> str:
        return Truncator(increase.reason).chars(SHOWN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LimitIncrease | None = None) -> bool:
        """A request is decided in the list, and never rewritten."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: LimitIncrease | None = None) -> bool:
        return False

    @admin.action(description="Approve: add the credits and tell the user", permissions=["change"])
    def approve(self, request: HttpRequest, increases: QuerySet[LimitIncrease]) -> None:
        self._decide(request, increases, LimitIncrease.approve, IncreaseStatus.APPROVED)

    @admin.action(description="Decline, and tell the user", permissions=["change"])
    def decline(self, request: HttpRequest, increases: QuerySet[LimitIncrease]) -> None:
        self._decide(request, increases, LimitIncrease.decline, IncreaseStatus.DECLINED)

    def _decide(
        self,
        request: HttpRequest,
        increases: QuerySet[LimitIncrease],
        decide: Callable[[LimitIncrease, User, str], bool],
        status: IncreaseStatus,
    ) -> None:
        assert isinstance(request.user, User)
        note = request.POST.get("note", "")[:500]
        others = increases.filter(request.user.manages("user__"))
        decided = [increase for increase in others if decide(increase, request.user, note)]
        for increase in decided:
            self.log_change(request, increase, f"{status.label}.")
        self.message_user(request, f"{status.label}: {len(decided)} of {len(increases)}.")
