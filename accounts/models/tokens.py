"""Bearer tokens: whose they are, for how long they are good, and for what."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.exceptions import (
    InvalidToken,
    TokenCapReached,
    TokenExpired,
    TooManyTokens,
)
from accounts.models.users import User
from accounts.tokens import digest, is_well_formed, new_token

LAST_USED_RESOLUTION = timedelta(minutes=1)
NAME_MAX_LENGTH = 80
MOST_TOKENS = 100


class Scope(models.TextChoices):
    """What a token is good for. `account` is for those of a login alone."""

    GENERATE = "generate"
    READ = "read"
    ACCOUNT = "account"


# What a user can give to a token.
GRANTED = (Scope.GENERATE.value, Scope.READ.value)


class AuthTokenQuerySet(models.QuerySet["AuthToken"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def issue(self, user: User) -> tuple["AuthToken", str]:
        """Make a token for a login; its secret, the second part, is not kept and cannot be had again."""
        return self._make(
            user, name="Login", scopes=Scope.values, expires_at=timezone.now() + settings.TOKEN_LIFETIME
        )

    @transaction.atomic
    def give(
        self,
        user: User,
        name: str,
        scopes: Sequence[str] = GRANTED,
        expires_at: datetime | None = None,
        credit_cap: int | None = None,
    ) -> tuple["AuthToken", str]:
        """Make a token for a program of the user's. Raises `TooManyTokens`."""
        # One at a time, or many at once would all find room for one more.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if self.of(user).count() >= MOST_TOKENS:
            raise TooManyTokens(MOST_TOKENS)
        return self._make(user, name=name, scopes=list(scopes), expires_at=expires_at, credit_cap=credit_cap)

    def _make(self, user: User, **values: object) -> tuple["AuthToken", str]:
        secret = new_token()
        return self.create(user=user, digest=digest(secret), start=secret[:8], **values), secret

    def redeem(self, secret: str) -> "AuthToken":
        """The valid token with this secret. Raises `InvalidToken`, `TokenExpired`, `AccountDisabled`."""
        if not is_well_formed(secret):
            raise InvalidToken
        along = self.select_related("user__quota", "user__plan", "user__overrides")
        token = along.filter(digest=digest(secret)).first()
        if token is None:
            raise InvalidToken
        if token.is_expired:
            raise TokenExpired
        token.user.admit()
        token.touch()
        return token


class AuthToken(models.Model):
    """A bearer token. Only the digest of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_MAX_LENGTH, default="Login")
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=8, editable=False, help_text="To recognise it by.")
    credit_cap = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The most credits that can be spent with it; empty for no cap."
    )
    spent = models.PositiveBigIntegerField(default=0, help_text="Counted where there is a cap.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty if it never does.")
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = AuthTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_cap=None) | Q(spent__lte=F("credit_cap")),
                name="token_spent_within_cap",
                violation_error_message="More than that is spent.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.start}… of {self.user}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def left(self) -> int | None:
        """What of the cap can still be spent; None where there is no cap. A cap may have been lowered since."""
        return None if self.credit_cap is None else max(0, self.credit_cap - self.spent)

    def touch(self) -> None:
        """Note the use, at most once a minute: a token is read far more often than anybody asks."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - LAST_USED_RESOLUTION:
            AuthToken.objects.filter(pk=self.pk).update(last_used_at=now)

    def spend(self, cost: int) -> bool:
        """Count `cost` credits against the cap, if there is one; say whether.

        Raises `TokenCapReached`, and then none is counted.
        """
        if self.credit_cap is None:
            return False
        under_cap = AuthToken.objects.filter(pk=self.pk, spent__lte=F("credit_cap") - cost)
        if not under_cap.update(spent=F("spent") + cost):
            self.refresh_from_db()
            raise TokenCapReached(cost, self.left or 0)
        return True

    def unspend(self, cost: int) -> None:
        """Give back what `spend` has counted."""
        AuthToken.objects.filter(pk=self.pk, spent__gte=cost).update(spent=F("spent") - cost)
