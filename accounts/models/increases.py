"""Requests for more credits, and what staff make of them."""

import uuid
from typing import Self

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.exceptions import IncreasePending
from accounts.mail import tell_decision
from accounts.models.quotas import Quota
from accounts.models.users import User

MOST_CREDITS = 1_000_000
REASON_MAX_LENGTH = 500


class IncreaseStatus(models.TextChoices):
    """How far a request for more credits has come."""

    PENDING_REVIEW = "pending_review"
    APPROVED = "approved"
    DECLINED = "declined"
    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"


class LimitIncreaseQuerySet(models.QuerySet["LimitIncrease"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def ask(self, user: User, number: int, reason: str) -> "LimitIncrease":
        """Ask for a number of credits. Raises `IncreasePending` where an earlier request waits for its answer."""
        try:
            with transaction.atomic():
                return self.create(user=user, credits=number, reason=reason)
        except IntegrityError as error:
            raise IncreasePending from error


class LimitIncrease(models.Model):
    """One request for credits that do not expire."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="limit_increases")
    credits = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    status = models.CharField(
        max_length=16, choices=IncreaseStatus.choices, default=IncreaseStatus.PENDING_REVIEW
    )
    note = models.CharField(max_length=REASON_MAX_LENGTH, blank=True, help_text="Sent to the user.")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = LimitIncreaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="increase_of_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="pending_review"), name="increase_one_pending_of_user"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="pending_payment"), name="increase_one_unpaid_of_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credits} credits for {self.user}"

    @transaction.atomic
    def approve(self, actor: User, note: str = "") -> bool:
        """Grant the credits and tell the user; say whether it was still to be decided."""
        decided = self._decide(IncreaseStatus.APPROVED, actor, note)
        if decided:
            reason = note[:200] or "Limit increase"
            Quota.objects.grant(
                self.user, self.credits, actor=actor, reason=reason, key=f"increase:{self.id}"
            )
        return decided

    @transaction.atomic
    def decline(self, actor: User, note: str = "") -> bool:
        """Tell the user; say whether it was still to be decided."""
        return self._decide(IncreaseStatus.DECLINED, actor, note)

    def _decide(self, status: IncreaseStatus, actor: User, note: str) -> bool:
        """One conditional UPDATE: of two who decide, one does."""
        pending = LimitIncrease.objects.filter(pk=self.pk, status=IncreaseStatus.PENDING_REVIEW)
        changes = {"status": status, "decided_at": timezone.now(), "decided_by": actor, "note": note}
        if not pending.update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        approved = status is IncreaseStatus.APPROVED
        transaction.on_commit(
            lambda: tell_decision(self.user.email, self.credits, approved=approved, note=note)
        )
        return True
