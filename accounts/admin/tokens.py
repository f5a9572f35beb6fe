"""Tokens. Their secrets are nowhere, so they cannot be shown."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.lists import LongList
from accounts.models import AuthToken


@admin.register(AuthToken)
class AuthTokenAdmin(LongList):
    list_display = ["start", "name", "user", "scopes", "credit_cap", "spent", "expires_at", "last_used_at"]
    # The newest first, as the numbers of rows go.
    ordering = ["-id"]
    list_select_related = ["user"]
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
