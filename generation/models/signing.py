"""What a user's webhooks are signed with."""

from base64 import b64encode
from datetime import timedelta
from secrets import token_bytes

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from generation.webhooks.sealing import seal, unseal

# Of Standard Webhooks: from 24 to 64 random bytes.
SECRET_BYTES = 32
PREFIX = "whsec_"
OVERLAP = timedelta(hours=24)


def fresh() -> str:
    return seal(PREFIX + b64encode(token_bytes(SECRET_BYTES)).decode())


class SigningSecretQuerySet(models.QuerySet["SigningSecret"]):
    def of(self, user: User) -> "SigningSecret":
        """The user's, made at first use, and anew where it cannot be read since SECRET_KEY was changed."""
        found, _ = self.get_or_create(user=user, defaults={"sealed": fresh})
        if unseal(found.sealed) is None:
            self.filter(pk=found.pk, sealed=found.sealed).update(sealed=fresh(), former="")
            found.refresh_from_db()
        return found

    @transaction.atomic
    def rotate(self, user: User) -> "SigningSecret":
        """Another one. What is sent in the next hours is signed with the one before it too."""
        found = self.select_for_update().get(pk=self.of(user).pk)
        found.former, found.sealed = found.sealed, fresh()
        found.former_until = timezone.now() + OVERLAP
        found.save()
        return found


class SigningSecret(models.Model):
    """One for each user. It is kept so that it can be read again, and encrypted."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="signing_secret")
    sealed = models.TextField()
    former = models.TextField(blank=True)
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SigningSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"signing secret of {self.user}"

    @property
    def secret(self) -> str:
        secret = unseal(self.sealed)
        assert secret is not None
        return secret

    @property
    def valid(self) -> list[str]:
        """All that sign now, the newest first."""
        former = unseal(self.former) if self.former_until and self.former_until > timezone.now() else None
        return [self.secret, former] if former else [self.secret]
