"""The rules of credits: the allowance of a period is spent first, then the balance."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.exceptions import QuotaExhausted

if TYPE_CHECKING:
    from accounts.models import Quota, User


@dataclass(frozen=True)
class Reservation:
    """What a piece of work took, and in which period: enough to give it back."""

    from_allowance: int
    from_balance: int
    period_ends: datetime | None

    @property
    def cost(self) -> int:
        return self.from_allowance + self.from_balance


def period_end(now: datetime) -> datetime | None:
    """When the period that `now` lies in ends; periods follow the UTC calendar."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if settings.QUOTA_PERIOD == "day":
        return midnight + timedelta(days=1)
    if settings.QUOTA_PERIOD == "month":
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


class QuotaManager(models.Manager["Quota"]):
    def current(self, user: "User") -> "Quota":
        """The user's quota as it is now: made on first use, its period turned if it is over."""
        now = timezone.now()
        ends = period_end(now)
        fresh = {"limit": settings.DEFAULT_ALLOWANCE, "resets_at": ends}
        quota, _ = self.get_or_create(user=user, defaults=fresh)
        is_over = quota.resets_at is None or quota.resets_at <= now
        if is_over and quota.resets_at != ends:
            self.filter(pk=quota.pk, resets_at=quota.resets_at).update(used=0, resets_at=ends)
            quota.refresh_from_db()
        return quota

    def reserve(self, user: "User", cost: int) -> Reservation:
        """Take `cost` credits at once, or raise `QuotaExhausted` and take none."""
        while True:
            quota = self.current(user)
            if quota.remaining < cost:
                raise QuotaExhausted(cost, quota.remaining)
            from_allowance = min(cost, quota.limit - quota.used)
            reservation = Reservation(from_allowance, cost - from_allowance, quota.resets_at)
            if self._take(quota, reservation):
                return reservation
            # Somebody was faster. What they took, or the new period, shows in the next reading.

    def _take(self, quota: "Quota", reservation: Reservation) -> bool:
        taken = self.filter(
            pk=quota.pk,
            resets_at=reservation.period_ends,
            used__lte=F("limit") - reservation.from_allowance,
            balance__gte=reservation.from_balance,
        ).update(
            used=F("used") + reservation.from_allowance,
            balance=F("balance") - reservation.from_balance,
        )
        return taken == 1

    def refund(self, user: "User", reservation: Reservation) -> None:
        """Give a reservation back. The allowance part is void once its period is over."""
        if reservation.from_balance:
            self.filter(user=user).update(balance=F("balance") + reservation.from_balance)
        if reservation.from_allowance:
            self.filter(
                user=user, resets_at=reservation.period_ends, used__gte=reservation.from_allowance
            ).update(used=F("used") - reservation.from_allowance)
