"""What may be asked for how often, and by whom."""

import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.addresses import client_address
from accounts.authentication import caller
from accounts.counters import Counter, Usage, count
from accounts.exceptions import CountersUnreachable
from accounts.models import User

logger = logging.getLogger(__name__)


def wrong_passwords(request: HttpRequest | Request | None, email: str) -> list[Counter]:
    """The counters of wrong passwords: from an address, for an account whether it exists or not, and for both.

    The address comes first, so that one that is refused makes no counters of accounts.
    """
    address = client_address(request) if request is not None else ""
    account = User.objects.normalize_email(email)
    return [
        Counter("login-address", settings.RATE_LOGIN_ADDRESS, address),
        Counter("login-account", settings.RATE_LOGIN_ACCOUNT, account),
        Counter("login", settings.RATE_LOGIN, f"{account} {address}"),
    ]


def count_registration(request: HttpRequest | Request) -> Usage | None:
    """Raises `RateLimited`, `CountersUnreachable`."""
    return Counter("register", settings.RATE_REGISTER, client_address(request)).count()


def count_password_reset(request: HttpRequest | Request, email: str) -> None:
    """Raises `RateLimited`, `CountersUnreachable`, for an address without an account as for one with."""
    account = User.objects.normalize_email(email)
    count(
        [
            Counter("reset-address", settings.RATE_RESET_ADDRESS, client_address(request)),
            Counter("reset-account", settings.RATE_RESET_ACCOUNT, account),
        ]
    )


class Rate(BaseThrottle):
    """Counts what is posted to a view, before its body is read. All answers of the view tell the limit."""

    def allow_request(self, request: Request, view: Any) -> bool:
        usage = self.count(request) if request.method == "POST" else None
        if usage is not None:
            view.headers |= usage.fields()
        return True

    def count(self, request: Request) -> Usage | None:
        raise NotImplementedError


class RegisterRate(Rate):
    def count(self, request: Request) -> Usage | None:
        return count_registration(request)


class GenerateRate(Rate):
    """By user, after their plan. Where nobody can count, credits still bound what is drawn."""

    def count(self, request: Request) -> Usage | None:
        user = caller(request)
        try:
            return Counter("generate", f"{user.terms.rate_limit}/m", str(user.pk)).count()
        except CountersUnreachable as error:
            logger.warning("generations are not counted: %r", error.__cause__)
            return None
