"""A hundred at once, and credits for ten: ten are accepted, and the ledger adds up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.connections import let_go
from accounts.exceptions import QuotaExhausted
from accounts.models import AuthToken, Kind, Quota, User
from generation.models import Generation, Origin
from generation.params import GenerationParams
from tests.conftest import PASSWORD

ROUNDS = 50
AT_ONCE = 100
CREDITS = 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_get_the_ten_that_can_be_paid(params: Callable[..., GenerationParams]) -> None:
    user = User.objects.create_user("erin@example.com", PASSWORD)
    Quota.objects.current(user)
    Quota.objects.filter(user=user).update(limit=CREDITS // 2)
    with ThreadPoolExecutor(16) as pool:
        for number in range(ROUNDS):
            Quota.objects.correct(user, allowance=5 if number else 0, actor=None, reason="The next round")
            Quota.objects.grant(user, CREDITS // 2, actor=None, reason="The next round")
            assert sum(pool.map(lambda _: accepted(user, params()), range(AT_ONCE))) == CREDITS
            # Rows that nobody draws would fill the queue.
            assert Generation.objects.update(status="succeeded") == CREDITS * (number + 1)
    assert user.ledger.filter(kind=Kind.RESERVE).count() == ROUNDS * CREDITS
    assert not Quota.objects.unexplained().exists()


def accepted(user: User, params: GenerationParams) -> bool:
    """Whether it was, by a user read anew, as every request reads its own."""
    try:
        fresh = User.objects.select_related("quota").get(pk=user.pk)
        Generation.objects.submit(fresh, params, model="tiny", cost=1, origin=Origin("request"))
    except QuotaExhausted:
        return False
    finally:
        let_go()
    return True


@pytest.mark.django_db(transaction=True)
def test_those_that_begin_and_those_that_fail_do_not_lock_each_other_out(
    params: Callable[..., GenerationParams],
) -> None:
    user = User.objects.create_user("erin@example.com", PASSWORD)
    token, _ = AuthToken.objects.give(user, "Nightly job", credit_cap=AT_ONCE)

    def begin_and_fail(_: int) -> bool:
        try:
            origin = Origin("request")
            generation = Generation.objects.submit(
                user, params(), model="tiny", cost=1, token=token, origin=origin
            )
            return generation.fail("generation_failed", "for the test")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(begin_and_fail, range(AT_ONCE)))
    token.refresh_from_db()
    assert (token.spent, user.quota.used) == (0, 0)
    assert not Quota.objects.unexplained().exists()
