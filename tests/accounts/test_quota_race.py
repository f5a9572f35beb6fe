"""Quotas under many threads, on a database file as in production."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from accounts.exceptions import QuotaExhausted, TooManyTokens
from accounts.models import AuthToken, Quota, User
from accounts.models.tokens import MOST_TOKENS
from tests.conftest import PASSWORD

TRIES = 200
CREDITS = 100


@pytest.fixture
def erin(transactional_db: None) -> User:
    return User.objects.create_user("erin@example.com", PASSWORD)


def give(user: User, **values: int) -> None:
    Quota.objects.current(user)
    Quota.objects.update(**values)


def in_threads(task: Callable[[], bool]) -> int:
    """How many of all tries succeed."""

    def attempt(_: int) -> bool:
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(attempt, range(TRIES)))


def test_two_hundred_at_once_get_exactly_the_hundred_that_are_left(erin: User) -> None:
    give(erin, limit=60, used=10, balance=CREDITS - 50)

    def reserve() -> bool:
        try:
            Quota.objects.reserve(erin, 1, generation=uuid4())
        except QuotaExhausted:
            return False
        return True

    assert in_threads(reserve) == CREDITS
    quota = Quota.objects.get()
    assert (quota.used, quota.balance) == (60, 0)


def test_the_first_use_of_all_makes_one_quota(erin: User) -> None:
    assert in_threads(lambda: Quota.objects.reserve(erin, 0, generation=uuid4()).cost == 0) == TRIES
    assert Quota.objects.count() == 1


def test_reserving_and_refunding_leaves_nothing_behind(erin: User) -> None:
    give(erin, limit=2, used=0, balance=2)

    def borrow() -> bool:
        try:
            reservation = Quota.objects.reserve(erin, 3, generation=uuid4())
        except QuotaExhausted:
            return False
        Quota.objects.refund(erin, reservation)
        return True

    assert in_threads(borrow) > 0
    quota = Quota.objects.get()
    assert (quota.used, quota.balance) == (0, 2)


def test_of_many_refunds_of_one_reservation_one_counts(erin: User) -> None:
    give(erin, limit=2, used=0, balance=2)
    reservation = Quota.objects.reserve(erin, 3, generation=uuid4())
    assert in_threads(lambda: Quota.objects.refund(erin, reservation)) == 1
    quota = Quota.objects.get()
    assert (quota.used, quota.balance) == (0, 2)


def test_two_hundred_at_once_make_as_many_tokens_as_one_may_have(erin: User) -> None:
    def make() -> bool:
        try:
            AuthToken.objects.give(erin, "Nightly job")
        except TooManyTokens:
            return False
        return True

    assert in_threads(make) == MOST_TOKENS
    assert AuthToken.objects.count() == MOST_TOKENS
