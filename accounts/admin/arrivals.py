"""Invitations, which staff make for those who may register."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.links import entrance
from accounts.models import Invitation, User


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """An invitation's secret is shown once, when it is made."""

    list_display = ["start", "email", "used", "uses", "expires_at", "created_by", "created_at"]
    list_filter = ["created_at", "expires_at"]
    list_select_related = ["created_by"]
    search_fields = ["start", "email"]
    date_hierarchy = "created_at"

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[Any]:
        made = ["start", "used", "created_by", "created_at"] if obj else []
        return [*made, "email", "uses", "expires_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[str]:
        return ["start", "used", "created_by", "created_at", "email"] if obj else []

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        assert isinstance(request.user, User)
        obj.created_by = request.user
        secret = obj.issue()
        link = f"{entrance(request)}?invitation={secret}"
        self.message_user(request, f"Shown only now: the invitation {secret}, or as a link {link}")
