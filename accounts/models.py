"""Who may do what, and what it costs."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.exceptions import AccountDisabled, InvalidToken, TokenExpired
from accounts.quotas import QuotaManager
from accounts.tokens import digest, is_well_formed, new_token

LAST_USED_RESOLUTION = timedelta(minutes=1)


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are compared and kept in lower case: nobody has two accounts that differ in case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="An inactive account is kept, and refused."
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May use this admin site.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ignoring_case")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email)

    @property
    def max_pixels(self) -> int:
        """The most that width times height of this user's pictures may be."""
        return settings.MAX_PIXELS


class AuthTokenManager(models.Manager["AuthToken"]):
    def issue(self, user: User) -> tuple["AuthToken", str]:
        """Make a token; its secret, the second part, is not kept and cannot be had again."""
        secret = new_token()
        expires_at = timezone.now() + settings.TOKEN_LIFETIME
        row = self.create(user=user, digest=digest(secret), start=secret[:8], expires_at=expires_at)
        return row, secret

    def redeem(self, secret: str) -> "AuthToken":
        """The valid token with this secret. Raises `InvalidToken`, `TokenExpired`, `AccountDisabled`."""
        if not is_well_formed(secret):
            raise InvalidToken
        token = self.select_related("user").filter(digest=digest(secret)).first()
        if token is None:
            raise InvalidToken
        if token.is_expired:
            raise TokenExpired
        if not token.user.is_active:
            raise AccountDisabled
        token.touch()
        return token


class AuthToken(models.Model):
    """A bearer token. Only the digest of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=8, editable=False, help_text="To recognise it by.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = AuthTokenManager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.start}… of {self.user}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def touch(self) -> None:
        """Note the use, at most once a minute: a token is read far more often than anybody asks."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - LAST_USED_RESOLUTION:
            AuthToken.objects.filter(pk=self.pk).update(last_used_at=now)


class Quota(models.Model):
    """A user's credits. Changed only by `reserve` and `refund`, and by staff."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quota")
    limit = models.PositiveBigIntegerField(help_text="The allowance of a period.")
    used = models.PositiveBigIntegerField(default=0, help_text="What of the allowance is spent or reserved.")
    balance = models.PositiveBigIntegerField(default=0, help_text="Credits that do not expire.")
    resets_at = models.DateTimeField(
        null=True, blank=True, help_text="When the allowance starts anew; empty if it never does."
    )

    objects = QuotaManager()

    class Meta:
        ordering = ["user__email"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used__lte=F("limit")),
                name="quota_used_within_limit",
                violation_error_message="Used may not be more than the limit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} credits of {self.user}"

    @property
    def remaining(self) -> int:
        return self.limit - self.used + self.balance
