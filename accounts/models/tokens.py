"""Bearer tokens: whose they are, and for how long they are good."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.exceptions import AccountDisabled, InvalidToken, TokenExpired
from accounts.models.users import User
from accounts.tokens import digest, is_well_formed, new_token

LAST_USED_RESOLUTION = timedelta(minutes=1)


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
