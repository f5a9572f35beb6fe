"""Who a browser's session belongs to."""

from typing import Any

from django.contrib.auth.backends import AllowAllUsersModelBackend

from accounts.models import User


class SessionBackend(AllowAllUsersModelBackend):
    """Reads what holds for users, and their credits, along with them, as `AuthToken.objects.redeem` does."""

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.select_related("quota", "plan", "overrides").filter(pk=user_id).first()
