"""What was bought, what became of the payment, and what the buyer has of it."""

from typing import Self

from django.db import IntegrityError, models, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.exceptions import IncreasePending
from accounts.models.increases import IncreaseStatus, LimitIncrease
from accounts.models.ledger import Kind
from accounts.models.quotas import Quota
from accounts.models.users import User


class Payment(models.TextChoices):
    """How far a payment has come."""

    OPEN = "open"
    PROCESSING = "processing"
    FAILED = "failed"
    EXPIRED = "expired"
    PAID = "paid"


# News may come late and in any order, and a payment never goes back: what ranks lower than the state is old news.
RANKS = {
    Payment.OPEN: 0,
    Payment.PROCESSING: 1,
    Payment.FAILED: 2,
    Payment.EXPIRED: 2,
    Payment.PAID: 3,
}
SHOWN = {
    Payment.OPEN: IncreaseStatus.PENDING_PAYMENT,
    Payment.PROCESSING: IncreaseStatus.PENDING_PAYMENT,
    Payment.FAILED: IncreaseStatus.PAYMENT_FAILED,
    Payment.EXPIRED: IncreaseStatus.EXPIRED,
    Payment.PAID: IncreaseStatus.PAID,
}
UNPAID = (Payment.OPEN, Payment.PROCESSING)


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def unpaid(self) -> Self:
        return self.filter(state__in=UNPAID)

    def owing(self) -> Self:
        """Credits were to be taken back that had been spent."""
        return self.filter(owed__gt=0)

    def locked(self, pk: object) -> "Purchase":
        """The purchase, which nobody else changes until the end of this transaction.

        SQLite locks no rows; there the transaction itself keeps others out, since it is an immediate one.
        """
        return self.select_for_update().get(pk=pk)

    def ask(
        self, user: User, number: int, reason: str, *, amount: int, currency: str, return_url: str
    ) -> "Purchase":
        """Write down what is to be paid. Raises `IncreasePending` where another purchase is not paid yet."""
        waiting = IncreaseStatus.PENDING_PAYMENT
        try:
            with transaction.atomic():
                increase = LimitIncrease.objects.create(
                    user=user, credits=number, reason=reason, status=waiting
                )
                return self.create(
                    id=increase.id,
                    increase=increase,
                    user=user,
                    credits=number,
                    amount=amount,
                    currency=currency,
                    return_url=return_url,
                )
        except IntegrityError as error:
            raise IncreasePending from error


class Purchase(models.Model):
    """Credits for money. It has the id of the request that it pays for, and outlives it and its user.

    Whatever is learned of the payment is written down first; `settle` then gives or takes what of the credits is due.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    increase = models.OneToOneField(
        LimitIncrease, on_delete=models.SET_NULL, null=True, related_name="purchase"
    )
    user = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        related_name="purchases",
        help_text="Empty once the account is deleted.",
    )
    credits = models.PositiveBigIntegerField(help_text="What is bought.")
    amount = models.PositiveBigIntegerField(help_text="The price, in the currency's smallest unit.")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=Payment.choices, default=Payment.OPEN)
    refunded = models.PositiveBigIntegerField(
        default=0, help_text="What of the amount went back to the payer."
    )
    credited = models.PositiveBigIntegerField(
        default=0, help_text="What the user has of the credits: given, and not taken back."
    )
    owed = models.PositiveBigIntegerField(
        default=0, help_text="Credits to be taken back that were spent already."
    )
    moves = models.PositiveIntegerField(default=0, help_text="How often credits were given or taken.")
    attention = models.CharField(
        max_length=200, blank=True, help_text="What somebody has to look at; nothing was credited for it."
    )
    session_id = models.CharField(max_length=255, unique=True, null=True)
    payment_intent = models.CharField(max_length=255, blank=True, db_index=True)
    checkout_url = models.TextField(blank=True)
    return_url = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="purchase_newest"),
            models.Index(fields=["created_at"], name="purchase_unpaid", condition=Q(state__in=UNPAID)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(credited__lte=models.F("credits")), name="purchase_credited_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.credits} credits for {self.user}"

    @property
    def disputed(self) -> int:
        """What of the amount the payer's bank holds back."""
        held = self.disputes.exclude(state=DisputeState.WON).aggregate(total=Sum("amount"))
        return held["total"] or 0

    @property
    def due(self) -> int:
        """What the user should have of the credits: as much of them as is paid and was not paid back."""
        if self.state != Payment.PAID:
            return 0
        gone = min(self.amount, self.refunded + self.disputed)
        return self.credits - self.credits * gone // self.amount

    def advance(self, state: Payment) -> None:
        """Take in how far the payment has come, unless that is old news."""
        if RANKS[state] <= RANKS[Payment(self.state)]:
            return
        self.state = state
        if state is Payment.PAID:
            self.paid_at = timezone.now()

    def settle(self) -> None:
        """Give or take what makes the user's credits what is due, and save. Only for a purchase that is `locked`."""
        if self.user is not None:
            self._give()
            self._take()
        elif self.due and not self.moves:
            self.attention = "It was paid after the account was deleted."
        self.owed = max(0, self.credited - self.due)
        self.save()
        self._show()

    def _give(self) -> None:
        assert self.user is not None
        if self.state == Payment.PAID and not self.moves:
            self._move(self.credits, Kind.PURCHASE, f"Paid {self.id}")
        elif self.due > self.credited:
            self._move(self.due - self.credited, Kind.CORRECTION, "The payment stands again")

    def _move(self, number: int, kind: Kind, reason: str) -> None:
        assert self.user is not None
        Quota.objects.grant(
            self.user,
            number,
            actor=None,
            reason=reason,
            key=self._next_key(),
            kind=kind,
            purchase=self.id,
        )
        self.credited += number

    def _take(self) -> None:
        assert self.user is not None
        too_many = self.credited - self.due
        if too_many > 0:
            reason = "The payment was disputed" if self.disputed else "The payment went back"
            self.credited -= Quota.objects.take(
                self.user, too_many, reason=reason, key=self._next_key(), purchase=self.id
            )

    def _next_key(self) -> str:
        """The key of the next line in the ledger: of two who would write it, one does."""
        self.moves += 1
        return f"purchase:{self.id}:{self.moves}"

    def _show(self) -> None:
        """Let the request that the user sees say the same."""
        status = SHOWN[Payment(self.state)]
        if status is IncreaseStatus.PAID and self.due == 0:
            status = IncreaseStatus.REFUNDED
        ended = None if self.state in UNPAID else (self.paid_at or timezone.now())
        shown = LimitIncrease.objects.filter(purchase=self)
        shown.exclude(status=status).update(status=status, decided_at=ended)


class DisputeState(models.TextChoices):
    """What became of a dispute. While it is open, the payer's bank has the money."""

    OPEN = "open"
    LOST = "lost"
    WON = "won"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def learn(self, pk: str, purchase: Purchase, amount: int, state: DisputeState) -> None:
        """Take in what a dispute has come to; that one was opened is old news once it is closed."""
        dispute, new = self.get_or_create(
            pk=pk, defaults={"purchase": purchase, "amount": amount, "state": state}
        )
        if not new and state is not DisputeState.OPEN:
            self.filter(pk=dispute.pk, state=DisputeState.OPEN).update(state=state, amount=amount)


class Dispute(models.Model):
    """A payer told the bank that the payment was not theirs to make."""

    id = models.CharField(primary_key=True, max_length=255)
    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE, related_name="disputes")
    amount = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=DisputeState.choices)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class StripeEvent(models.Model):
    """An event that was taken in, so that it is taken in once. What it said is not kept."""

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=100)
    purchase = models.ForeignKey(Purchase, on_delete=models.SET_NULL, null=True, related_name="events")
    processed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-processed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.type} ({self.id})"
