"""Whether a password is right, and who a browser's session belongs to."""

from typing import Any

from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.http import HttpRequest

from accounts import trail
from accounts.counters import count, give_back
from accounts.models import User
from accounts.ratelimits import wrong_passwords


class SessionBackend(AllowAllUsersModelBackend):
    """Reads what holds for users, and their credits, along with them, as `AuthToken.objects.redeem` does.

    A right password finds an account that may not come in as well, so that it is told why; a session does not.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> User | None:
        """Check a password, wherever it was sent to. Raises `RateLimited` where too many were wrong.

        Each is counted before it is looked at, or many at once would all be looked at, and a right one is given back.
        """
        attempt = wrong_passwords(request, username or fields.get(User.USERNAME_FIELD, ""))
        count(attempt)
        user = super().authenticate(request, username, password, **fields)
        if isinstance(user, User):
            give_back(attempt)
            return user
        return None

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("quota", "plan", "overrides").filter(pk=user_id).first()
        if user is None or not user.may_enter:
            return None
        trail.user_id.set(str(user.pk))
        return user
