"""Whose turn it is, and what a lease is worth."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Plan, Quota, User
from generation.models import Generation, Picture, Status
from generation.models.leases import MOST_ATTEMPTS, Suspect

Submit = Callable[..., Generation]
PICTURES = [Picture(0, 7, b"first")]


def claimed() -> Generation:
    generation = Generation.objects.claim(alone=True)
    assert generation is not None
    return generation


def expire() -> None:
    """As if every worker had been silent for too long."""
    Generation.objects.filter(lease__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def used(user: User) -> int:
    return Quota.objects.current(user).used


def test_it_works(submit: Submit, alice: User) -> None:
    submit(cost=3)
    generation = claimed()
    assert (generation.status, generation.attempts) == (Status.RUNNING, 1)
    assert generation.succeed(PICTURES)
    generation.refresh_from_db()
    assert (generation.status, generation.lease, used(alice)) == (Status.SUCCEEDED, None, 3)


def test_an_empty_queue_gives_nothing(db: None) -> None:
    assert Generation.objects.claim() is None


def test_who_has_the_fewest_running_goes_first(submit: Submit, alice: User, bob: User) -> None:
    for _ in range(5):
        submit()
    submit(user=bob)
    assert [claimed().user for _ in range(4)] == [alice, bob, alice, alice]


def test_of_equals_the_higher_plan_goes_first(submit: Submit, alice: User, bob: User) -> None:
    bob.plan = Plan.objects.create(name="Gold", priority=5)
    bob.save()
    submit(), submit(user=bob), submit(user=bob)
    assert [claimed().user for _ in range(3)] == [bob, alice, bob]


def test_of_one_user_the_oldest_goes_first(submit: Submit) -> None:
    rows = [submit().id for _ in range(3)]
    assert [claimed().id for _ in range(3)] == rows


def test_a_lease_that_ran_out_is_taken_back(submit: Submit) -> None:
    submit()
    first = claimed()
    assert Generation.objects.take_back() == 0
    expire()
    assert Generation.objects.take_back() == 1
    assert (claimed().lease != first.lease, Generation.objects.get().attempts) == (True, 2)


def test_a_renewed_lease_is_not(submit: Submit) -> None:
    submit()
    mine = claimed()
    expire()
    assert mine.lease is not None
    assert Generation.objects.renew([mine.lease]) == {mine.lease}
    assert Generation.objects.take_back() == 0


def test_a_ghost_changes_nothing(submit: Submit, alice: User) -> None:
    submit(cost=2)
    ghost = claimed()
    expire()
    Generation.objects.take_back()
    mine = claimed()
    assert not ghost.succeed([Picture(0, 7, b"a ghost's")])
    assert not ghost.fail("generation_failed")
    assert not ghost.hand_back()
    assert mine.succeed(PICTURES)
    assert Generation.objects.get().images.get().file.read() == b"first"
    assert used(alice) == 2


def test_a_ghost_that_comes_after_the_end_removes_nothing(submit: Submit) -> None:
    submit()
    ghost = claimed()
    expire()
    Generation.objects.take_back()
    assert claimed().succeed(PICTURES)
    assert not ghost.succeed([Picture(0, 7, b"a ghost's")])
    assert Generation.objects.get().images.get().file.read() == b"first"


def test_after_the_last_attempt_it_fails_and_is_refunded(submit: Submit, alice: User) -> None:
    submit(cost=3)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert claimed().attempts == attempt
        expire()
        Generation.objects.take_back()
    generation = Generation.objects.get()
    assert (generation.status, generation.error_reason) == (Status.FAILED, "worker_lost")
    assert (used(alice), Generation.objects.claim()) == (0, None)
    assert not Quota.objects.unexplained().exists()


def test_one_that_may_have_ended_its_worker_is_claimed_alone(submit: Submit) -> None:
    submit()
    claimed()
    expire()
    Generation.objects.take_back()
    with pytest.raises(Suspect):
        Generation.objects.claim()
    assert claimed().attempts == 2


def test_what_is_handed_back_was_no_attempt(submit: Submit) -> None:
    submit()
    for _ in range(MOST_ATTEMPTS + 1):
        assert claimed().hand_back()
    assert Generation.objects.get().status == Status.QUEUED


def test_what_an_earlier_process_left_is_taken_back_at_once(submit: Submit, alice: User) -> None:
    submit(), submit()
    done = claimed()
    claimed()
    done.succeed(PICTURES)
    assert Generation.objects.take_back(at_once=True) == 1
    assert sorted(Generation.objects.values_list("status", flat=True)) == ["queued", "succeeded"]


def test_a_lease_knows_when_it_was_canceled(submit: Submit) -> None:
    submit()
    mine = claimed()
    assert Generation.objects.get().cancel()
    assert mine.lease is not None
    assert Generation.objects.renew([mine.lease]) == set()
    assert not mine.succeed(PICTURES)


@pytest.mark.django_db(transaction=True)
def test_none_is_claimed_twice(submit: Submit) -> None:
    rows = {submit().id for _ in range(24)}

    def claim(_: int) -> Generation:
        try:
            return claimed()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert {generation.id for generation in pool.map(claim, range(24))} == rows
