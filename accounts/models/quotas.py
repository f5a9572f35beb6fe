"""The rules of credits: the allowance of a period is spent first, then the balance; every change is in the ledger."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.exceptions import CorrectionRefused, QuotaExhausted
from accounts.models.ledger import Kind, LedgerEntry
from accounts.models.users import User
from accounts.periods import period_end


@dataclass(frozen=True)
class Reservation:
    """What a generation took, and in which period: enough to give it back."""

    generation: uuid.UUID
    from_allowance: int
    from_balance: int
    period_ends: datetime | None

    @property
    def cost(self) -> int:
        return self.from_allowance + self.from_balance


class QuotaQuerySet(models.QuerySet["Quota"]):
    """What changes credits, changes them in one conditional UPDATE, with a line of the ledger in one transaction."""

    def current(self, user: User) -> "Quota":
        """The user's quota as it is now: made on first use, its period turned if it is over."""
        now = timezone.now()
        ends = period_end(now)
        fresh = {"limit": lambda: user.terms.allowance, "resets_at": ends}
        quota, _ = self.get_or_create(user=user, defaults=fresh)
        while quota.resets_at != ends and (quota.resets_at is None or quota.resets_at <= now):
            self._turn(user, quota, ends)
            quota.refresh_from_db()
        return quota

    def at_sight(self, user: User) -> "Quota":
        """As `current`, for who has changed nothing since the user was read: what came along will do."""
        return _known(user) or self.current(user)

    @transaction.atomic
    def _turn(self, user: User, quota: "Quota", ends: datetime | None) -> None:
        """Begin a period. One that had no end is closed in the ledger, because there may be another like it."""
        same = self.filter(pk=quota.pk, resets_at=quota.resets_at, used=quota.used)
        turned = same.update(used=0, resets_at=ends, limit=_allowance())
        if turned and quota.resets_at is None and quota.used:
            LedgerEntry.objects.create(
                user=user,
                kind=Kind.CORRECTION,
                allowance=quota.used,
                reason="The allowance has periods from now on.",
                key=f"turn:{uuid.uuid4()}",
            )

    def follow_terms(self) -> int:
        """Take over the allowance that plans and overrides give now; for when staff have changed them.

        What is used already stays within the limit until the period ends.
        """
        return self.update(limit=Greatest(_allowance(), F("used")))

    def reserve(self, user: User, cost: int, *, generation: uuid.UUID) -> Reservation:
        """Take `cost` credits at once, or raise `QuotaExhausted` and take none."""
        known = _known(user)
        while True:
            quota = known or self.current(user)
            if quota.remaining >= cost:
                reservation = Reservation(generation, *quota.split(cost), quota.resets_at)
                if self._take(user, reservation):
                    return reservation
            elif known is None:
                raise QuotaExhausted(cost, quota.remaining)
            # Somebody was faster. What they took, or the new period, shows in the next reading.
            known = None

    @transaction.atomic(savepoint=False)
    def _take(self, user: User, taken: Reservation) -> bool:
        changed = self.filter(
            user=user,
            resets_at=taken.period_ends,
            used__lte=F("limit") - taken.from_allowance,
            balance__gte=taken.from_balance,
        ).update(used=F("used") + taken.from_allowance, balance=F("balance") - taken.from_balance)
        if changed:
            LedgerEntry.objects.create(
                user=user,
                kind=Kind.RESERVE,
                allowance=-taken.from_allowance,
                balance=-taken.from_balance,
                period_ends=taken.period_ends,
                generation=taken.generation,
                key=f"reserve:{taken.generation}",
            )
        return changed == 1

    def settle(self, user: User, taken: Reservation) -> None:
        """Note that what was reserved is spent."""
        LedgerEntry.objects.create(
            user=user, kind=Kind.SETTLE, generation=taken.generation, key=f"settle:{taken.generation}"
        )

    @transaction.atomic
    def refund(self, user: User, taken: Reservation, reason: str = "", *, actor: User | None = None) -> bool:
        """Give a reservation back, once; say whether it was now.

        The allowance part is void after its period, and where staff have given it back already.
        """
        key = f"refund:{taken.generation}"
        # Of two at once, the second waits here for the first one's line. SQLite has one writer anyway.
        self.select_for_update().filter(user=user).order_by().first()
        if LedgerEntry.objects.filter(key=key).exists():
            return False
        used = self.filter(user=user, resets_at=taken.period_ends, used__gte=taken.from_allowance)
        in_time = used.update(used=F("used") - taken.from_allowance)
        self.filter(user=user).update(balance=F("balance") + taken.from_balance)
        LedgerEntry.objects.create(
            user=user,
            kind=Kind.REFUND,
            allowance=taken.from_allowance if in_time else 0,
            balance=taken.from_balance,
            period_ends=taken.period_ends,
            generation=taken.generation,
            actor=actor,
            reason=reason,
            key=key,
        )
        return True

    @transaction.atomic
    def grant(
        self,
        user: User,
        number: int,
        *,
        actor: User | None,
        reason: str,
        key: str = "",
        kind: Kind = Kind.GRANT,
        purchase: uuid.UUID | None = None,
    ) -> LedgerEntry:
        """Add a number of credits to the balance. With a `key` it is done once, however often it is asked for."""
        self.current(user)
        entry, new = LedgerEntry.objects.get_or_create(
            key=key or f"grant:{uuid.uuid4()}",
            defaults={
                "user": user,
                "kind": kind,
                "balance": number,
                "purchase": purchase,
                "actor": actor,
                "reason": reason,
            },
        )
        if new:
            self.filter(user=user).update(balance=F("balance") + number)
        return entry

    @transaction.atomic
    def take(self, user: User, most: int, *, reason: str, key: str, purchase: uuid.UUID) -> int:
        """Take back credits that a purchase gave, as many of them as the balance still has; say how many."""
        while number := min(most, self.current(user).balance):
            if self.filter(user=user, balance__gte=number).update(balance=F("balance") - number):
                LedgerEntry.objects.create(
                    user=user,
                    kind=Kind.CORRECTION,
                    balance=-number,
                    purchase=purchase,
                    reason=reason,
                    key=key,
                )
                break
        return number

    @transaction.atomic
    def correct(
        self, user: User, *, allowance: int = 0, balance: int = 0, actor: User | None, reason: str
    ) -> LedgerEntry:
        """Give (or take, where negative) credits of this period's allowance and of the balance.

        Raises `CorrectionRefused` where used or balance would leave their bounds.
        """
        quota = self.current(user)
        changed = self.filter(
            pk=quota.pk,
            resets_at=quota.resets_at,
            used__gte=allowance,
            used__lte=F("limit") + allowance,
            balance__gte=-balance,
        ).update(used=F("used") - allowance, balance=F("balance") + balance)
        if not changed:
            raise CorrectionRefused
        return LedgerEntry.objects.create(
            user=user,
            kind=Kind.CORRECTION,
            allowance=allowance,
            balance=balance,
            period_ends=quota.resets_at,
            actor=actor,
            reason=reason,
            key=f"correction:{uuid.uuid4()}",
        )

    def unexplained(self) -> Self:
        """Quotas that are not what the ledger adds up to; what that is, is annotated."""
        entries = LedgerEntry.objects.filter(user=OuterRef("user"))
        without_period = Q(period_ends=None, user__quota__resets_at=None)
        of_period = entries.filter(Q(period_ends=OuterRef("resets_at")) | without_period)
        return self.annotate(
            ledger_used=-_sum(of_period, "allowance"), ledger_balance=_sum(entries, "balance")
        ).exclude(used=F("ledger_used"), balance=F("ledger_balance"))


class Quota(models.Model):
    """A user's credits. They change by the methods above alone."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quota")
    limit = models.PositiveBigIntegerField(help_text="The allowance of a period.")
    used = models.PositiveBigIntegerField(default=0, help_text="What of the allowance is spent or reserved.")
    balance = models.PositiveBigIntegerField(default=0, help_text="Credits that do not expire.")
    resets_at = models.DateTimeField(
        null=True, blank=True, help_text="When the allowance starts anew; empty if it never does."
    )

    objects = QuotaQuerySet.as_manager()

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

    def split(self, cost: int) -> tuple[int, int]:
        """What of a cost that can be paid comes from the allowance, and what from the balance."""
        from_allowance = min(cost, self.limit - self.used)
        return from_allowance, cost - from_allowance


def _known(user: User) -> Quota | None:
    """The quota that was read with the user, if its period is not over; its figures may be old."""
    quota: Quota | None = user._state.fields_cache.get("quota")
    if quota is None or quota.resets_at is None or quota.resets_at <= timezone.now():
        return None
    return quota


def _allowance() -> Subquery:
    """What `Terms.allowance` says of a quota's user, read in the UPDATE itself."""
    given = Coalesce(
        "overrides__allowance",
        "plan__allowance",
        Value(settings.DEFAULT_ALLOWANCE),
        output_field=BigIntegerField(),
    )
    return Subquery(User.objects.filter(pk=OuterRef("user")).order_by().values(given=given))


def _sum(entries: models.QuerySet[LedgerEntry], column: str) -> Coalesce:
    total = entries.order_by().values("user").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(total), 0, output_field=BigIntegerField())
