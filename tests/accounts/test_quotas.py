from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.exceptions import QuotaExhausted
from accounts.models import Quota, User
from accounts.periods import period_end


def quota_of(user: User, **values: Any) -> Quota:
    Quota.objects.current(user)
    Quota.objects.filter(user=user).update(**values)
    return Quota.objects.get(user=user)


def state(user: User) -> tuple[int, int]:
    quota = Quota.objects.get(user=user)
    return quota.used, quota.balance


def test_it_works(alice: User, settings: Any) -> None:
    settings.DEFAULT_ALLOWANCE = 5
    reservation = Quota.objects.reserve(alice, 3, generation=uuid4())
    assert (reservation.from_allowance, reservation.from_balance, reservation.cost) == (3, 0, 3)
    assert Quota.objects.current(alice).remaining == 2
    Quota.objects.refund(alice, reservation)
    assert Quota.objects.current(alice).remaining == 5


def test_the_allowance_is_spent_before_the_balance(alice: User) -> None:
    quota_of(alice, limit=5, used=3, balance=10)
    reservation = Quota.objects.reserve(alice, 4, generation=uuid4())
    assert (reservation.from_allowance, reservation.from_balance) == (2, 2)
    assert state(alice) == (5, 8)
    Quota.objects.refund(alice, reservation)
    assert state(alice) == (3, 10)


def test_what_is_not_there_is_refused_and_nothing_is_taken(alice: User) -> None:
    quota_of(alice, limit=5, used=4, balance=1)
    with pytest.raises(QuotaExhausted, match="2 credits are left") as refusal:
        Quota.objects.reserve(alice, 3, generation=uuid4())
    assert (refusal.value.extra["cost"], refusal.value.extra["remaining"]) == (3, 2)
    assert state(alice) == (4, 1)


def test_a_new_period_starts_the_allowance_anew(alice: User, settings: Any) -> None:
    settings.DEFAULT_ALLOWANCE = 5
    quota_of(alice, limit=5, used=5, balance=1, resets_at=timezone.now() - timedelta(seconds=1))
    quota = Quota.objects.current(alice)
    assert (quota.used, quota.balance, quota.remaining) == (0, 1, 6)
    assert quota.resets_at is not None
    assert quota.resets_at > timezone.now()


def test_a_refund_after_the_period_gives_back_the_balance_only(alice: User) -> None:
    quota_of(alice, limit=5, used=3, balance=10)
    reservation = Quota.objects.reserve(alice, 4, generation=uuid4())
    quota_of(alice, resets_at=timezone.now() - timedelta(seconds=1))
    Quota.objects.reserve(alice, 1, generation=uuid4())
    Quota.objects.refund(alice, reservation)
    assert state(alice) == (1, 10)


def test_a_period_can_be_turned_on_and_off_later(alice: User, settings: Any) -> None:
    settings.QUOTA_PERIOD = "never"
    assert Quota.objects.current(alice).resets_at is None
    settings.QUOTA_PERIOD = "day"
    assert Quota.objects.current(alice).resets_at is not None


@pytest.mark.parametrize(
    ("period", "now", "end"),
    [
        ("month", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        ("day", datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("never", datetime(2026, 12, 31, tzinfo=UTC), None),
    ],
)
def test_periods_follow_the_calendar(settings: Any, period: str, now: datetime, end: datetime | None) -> None:
    settings.QUOTA_PERIOD = period
    assert period_end(now) == end


def test_the_database_itself_refuses_to_go_over_the_limit(alice: User) -> None:
    with pytest.raises(IntegrityError, match="quota_used_within_limit"):
        quota_of(alice, limit=5, used=6)
