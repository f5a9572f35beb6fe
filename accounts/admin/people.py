"""Users and their tokens. A token's secret is nowhere, so it cannot be shown."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.credits import QuotaInline
from accounts.admin.plans import PlanOverridesInline
from accounts.models import AuthToken, LimitIncrease, Plan, Quota, User

PERMISSIONS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    ordering = ["-created_at"]
    list_display = [
        "email",
        "display_name",
        "plan",
        "remaining",
        "is_active",
        "is_staff",
        "created_at",
        "last_login",
    ]
    list_select_related = ["quota", "plan"]
    list_filter = ["plan", "is_active", "is_staff", "is_superuser", "created_at"]
    search_fields = ["email", "display_name"]
    readonly_fields = ["created_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password", "display_name", "plan"]}),
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

    actions = ["disable", "enable", "reset_allowance", "revoke_tokens"]

    @admin.display(description="credits left")
    def remaining(self, user: User) -> int | None:
        """As of the last use: a period that is over is turned when it is next needed."""
        return user.quota.remaining if hasattr(user, "quota") else None

    @admin.action(description="Disable the account", permissions=["change"])
    def disable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Nobody can lock themselves out."""
        assert isinstance(request.user, User)
        others = users.exclude(pk=request.user.pk)
        for user in others:
            self.log_change(request, user, "Disabled.")
        self.message_user(request, f"{others.update(is_active=False)} accounts are disabled.")

    @admin.action(description="Enable the account", permissions=["change"])
    def enable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            self.log_change(request, user, "Enabled.")
        self.message_user(request, f"{users.update(is_active=True)} accounts are enabled.")

    @admin.action(description="Give back the allowance used in this period", permissions=["change"])
    def reset_allowance(self, request: HttpRequest, users: QuerySet[User]) -> None:
        assert isinstance(request.user, User)
        for user in users:
            used = Quota.objects.current(user).used
            if used:
                Quota.objects.correct(user, allowance=used, actor=request.user, reason="Reset by staff")
            self.log_change(request, user, f"Gave back {used} credits of the allowance.")
        self.message_user(request, "The allowance of the period is whole again.")

    @admin.action(description="Revoke all tokens", permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            count, _ = user.tokens.all().delete()
            self.log_change(request, user, f"Revoked {count} tokens.")
        self.message_user(request, "The tokens are revoked.")

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


@admin.register(AuthToken)
class AuthTokenAdmin(admin.ModelAdmin):
    list_display = ["start", "name", "user", "scopes", "credit_cap", "spent", "expires_at", "last_used_at"]
    list_filter = ["created_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["start", "name", "user__email"]
    fields = [
        "start",
        "name",
        "user",
        "scopes",
        "credit_cap",
        "spent",
        "created_at",
        "expires_at",
        "last_used_at",
    ]
    readonly_fields = ["start", "name", "user", "scopes", "spent", "created_at", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tokens are made by their users, who alone see the secret."""
        return False
