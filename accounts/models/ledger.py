"""Every change of anybody's credits, one line each, never altered."""

import uuid
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class Kind(models.TextChoices):
    """Why credits changed hands."""

    GRANT = "grant"
    RESERVE = "reserve"
    SETTLE = "settle"
    REFUND = "refund"
    PURCHASE = "purchase"
    CORRECTION = "correction"


class LedgerIsFinalError(TypeError):
    """Somebody tried to alter what was written. A mistake is made good by a correction."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def of(self, user: User) -> "LedgerQuerySet":
        return self.filter(user=user)

    def of_generation(self, generation: uuid.UUID) -> "LedgerQuerySet":
        """The lines of one generation, found by their keys, which are indexed."""
        kinds = (Kind.RESERVE, Kind.SETTLE, Kind.REFUND)
        return self.filter(key__in=[f"{kind.value}:{generation}" for kind in kinds])

    def update(self, **_changes: Any) -> NoReturn:
        raise LedgerIsFinalError

    def delete(self) -> NoReturn:
        raise LedgerIsFinalError

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        raise LedgerIsFinalError


class LedgerEntry(models.Model):
    """A line of the ledger. It is written in the transaction that changes the `Quota`, or not at all.

    The sum of `balance` over a user's lines is the quota's balance; the sum of `allowance` over the lines of the
    present period is what of the allowance is used, negated. `key` makes sure that nothing happens twice.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        related_name="ledger",
        help_text="Empty once the account is deleted.",
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    allowance = models.BigIntegerField(
        default=0, help_text="What it gave to the period's allowance, or took."
    )
    balance = models.BigIntegerField(default=0, help_text="What it gave to the balance, or took.")
    period_ends = models.DateTimeField(null=True, help_text="The end of the allowance's period.")
    # No foreign key: the ledger knows nothing of the rooms above, and its lines outlive what they tell of.
    generation = models.UUIDField(null=True, help_text="The generation that it was for.")
    purchase = models.UUIDField(null=True, help_text="The purchase that it was for.")
    actor = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who did it; empty for the service itself.",
    )
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=100, unique=True, help_text="Names what may happen only once.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="ledger_of_user"),
            models.Index(fields=["-created_at", "-id"], name="ledger_newest"),
            models.Index(fields=["kind", "-created_at", "-id"], name="ledger_of_kind"),
            models.Index(fields=["purchase"], name="ledger_of_purchase", condition=Q(purchase__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.credits:+}"

    @property
    def credits(self) -> int:
        """What it gave in all, or took."""
        return self.allowance + self.balance

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise LedgerIsFinalError
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        raise LedgerIsFinalError
