"""Users."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.credits import QuotaInline
from accounts.admin.deeds import Deeds
from accounts.admin.lists import LongChangeList
from accounts.admin.plans import PlanOverridesInline
from accounts.models import AuthToken, LimitIncrease, Plan, Quota, User

PERMISSIONS = (
    "is_active",
    "awaits_confirmation",
    "awaits_approval",
    "is_staff",
    "is_superuser",
    "groups",
    "user_permissions",
)

# What makes somebody more than a user.
LIFTING = ("is_staff", "is_superuser", "groups", "user_permissions")


class People(LongChangeList):
    """A page of users, with when their tokens were used: one more query for the page, and none for those not on it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page = list(self.result_list)
        tokens = AuthToken.objects.filter(user__in=page).order_by().values("user")
        used = dict(tokens.annotate(used=Max("last_used_at")).values_list("user", "used"))
        for user in page:
            user.tokens_used_at = used.get(user.pk)
        self.result_list = page


@admin.register(User)
class UserAdmin(Deeds, DjangoUserAdmin):
    ordering = ["-created_at", "-id"]
    list_display = [
        "email",
        "display_name",
        "plan",
        "used",
        "balance",
        "last_seen",
        "is_active",
        "is_staff",
        "created_at",
    ]
    list_select_related = ["quota", "plan", "overrides"]
    list_per_page = 50
    show_full_result_count = False
    list_filter = ["plan", "is_active", "awaits_approval", "is_staff", "is_superuser", "created_at"]
    search_fields = ["email", "display_name"]
    readonly_fields = ["awaits_approval", "created_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password", "display_name", "plan", "prompts_in_pictures"]}),
        ("Permissions", {"fields": PERMISSIONS}),
        ("Dates", {"fields": ["created_at", "last_login"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "display_name", "plan", "usable_password", "password1", "password2"],
            },
        ),
    ]

    @admin.display(description="used", ordering="quota__used")
    def used(self, user: User) -> str:
        """Of the allowance in this period. One that is over is turned when it is next needed."""
        quota: Quota | None = getattr(user, "quota", None)
        if quota is None:
            return f"0 of {user.terms.allowance}"
        over = quota.resets_at is not None and quota.resets_at <= timezone.now()
        return f"{0 if over else quota.used} of {quota.limit}"

    @admin.display(description="balance", ordering="quota__balance")
    def balance(self, user: User) -> int:
        return user.quota.balance if hasattr(user, "quota") else 0

    @admin.display(description="last seen", ordering="last_login")
    def last_seen(self, user: Any) -> datetime | None:
        """By a browser or with a token."""
        return max(filter(None, [user.last_login, user.tokens_used_at]), default=None)

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return People

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Nobody but a superuser lifts anybody."""
        lifting = [] if request.user.is_superuser else LIFTING
        return [*super().get_readonly_fields(request, obj), *lifting]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _manages(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _manages(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """What nobody may delete alone goes with its account; the ledger stays."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        along = {model._meta.verbose_name for model in (Quota, LimitIncrease)}
        return deleted, counts, needed - along, protected

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[InlineModelAdmin]]:
        return [PlanOverridesInline, QuotaInline] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"plan": Plan.objects.filter(is_default=True).first()} | super().get_changeform_initial_data(
            request
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With plan and overrides saved, the quota's limit follows."""
        super().save_related(request, form, formsets, change)
        Quota.objects.filter(user=form.instance).follow_terms()


def _manages(request: HttpRequest, user: User | None) -> bool:
    assert isinstance(request.user, User)
    return user is None or request.user.may_manage(user)
