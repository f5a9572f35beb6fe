"""What was asked for under which key, so that a retry is neither drawn nor paid again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import IntegrityError, models
from django.utils import timezone

from accounts.models import User
from generation.exceptions import IdempotencyMismatch, KeyTaken

if TYPE_CHECKING:
    from generation.models.generations import Generation

KEY_MAX_LENGTH = 255
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's word that all requests with this key are one. `asked` is the method and path, `digest` of the body."""

    key: str
    asked: str
    digest: str


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def recall(self, user: User, claim: Claim) -> "IdempotencyKey | None":
        """What was accepted under this key. Raises `IdempotencyMismatch` where that was something else."""
        kept = self.select_related("generation__user").filter(user=user, key=claim.key).first()
        if kept is None:
            return None
        if kept.created_at < timezone.now() - KEPT:
            kept.delete()
            return None
        if (kept.asked, kept.digest) != (claim.asked, claim.digest):
            raise IdempotencyMismatch
        return kept

    def keep(self, generation: "Generation", claim: Claim | None) -> None:
        """For the transaction that accepts the generation. Raises `KeyTaken`, and then it is to be rolled back."""
        if claim is None:
            return
        try:
            self.create(
                user=generation.user,
                key=claim.key,
                asked=claim.asked,
                digest=claim.digest,
                generation_id=generation.id,
            )
        except IntegrityError as error:
            raise KeyTaken from error

    def note_answer(self, generation: "Generation") -> None:
        """Its client knows now where it will be, and may be told again."""
        self.filter(generation=generation).update(answered=True)

    def old(self, before: datetime) -> Self:
        return self.filter(created_at__lt=before)


class IdempotencyKey(models.Model):
    """One for each accepted request that had one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_MAX_LENGTH)
    asked = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    generation = models.ForeignKey(
        "generation.Generation",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Empty once it is deleted.",
    )
    answered = models.BooleanField(default=False, help_text="Whether its client was told where it will be.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_of_user")]

    def __str__(self) -> str:
        return f"key of {self.asked}"
