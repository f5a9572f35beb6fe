"""Giving the charge of a success back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuthToken, Kind, Quota, User
from generation.models import Generation, Picture, Status
from tests.generation.files import files_of

Submit = Callable[..., Generation]


@pytest.fixture
def done(submit: Submit) -> Generation:
    generation = submit(cost=3)
    generation.succeed([Picture(0, 7, b"first")])
    return generation


def test_it_works(done: Generation, as_alice: APIClient, alice: User, carol: User) -> None:
    assert done.refund(carol, "The sky is green")
    assert (done.status, done.cost, files_of(done)) == (Status.SUCCEEDED, 0, {"0.png"})
    line = alice.ledger.get(kind=Kind.REFUND)
    assert (line.credits, line.actor, line.reason) == (3, carol, "The sky is green")
    assert Quota.objects.current(alice).used == 0
    shown = as_alice.get(f"/api/v1/generations/{done.id}").json()
    assert (shown["status"], shown["cost"], len(shown["images"]), shown["error"]) == ("succeeded", 0, 1, None)


def test_it_is_done_once(done: Generation, alice: User, carol: User) -> None:
    assert done.refund(carol, "Once")
    assert not Generation.objects.get().refund(carol, "Twice")
    assert alice.ledger.filter(kind=Kind.REFUND).count() == 1
    assert Quota.objects.current(alice).used == 0


@pytest.mark.parametrize("end", ["nothing", "fail", "cancel"])
def test_only_a_success_is_refunded(submit: Submit, alice: User, carol: User, end: str) -> None:
    generation = submit(cost=3)
    if end == "fail":
        generation.fail("generation_failed")
    elif end == "cancel":
        generation.cancel()
    assert not generation.refund(carol, "No")
    assert Quota.objects.current(alice).used == (3 if end == "nothing" else 0)


def test_a_cap_has_room_again(submit: Submit, alice: User, carol: User) -> None:
    token, _ = AuthToken.objects.give(alice, "Job", credit_cap=3)
    generation = submit(cost=3, token=token)
    generation.succeed([Picture(0, 7, b"first")])
    generation.refund(carol, "The sky is green")
    token.refresh_from_db()
    assert token.spent == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_who_refund_one_does(submit: Submit, alice: User, carol: User) -> None:
    generation = submit(cost=3)
    generation.succeed([Picture(0, 7, b"first")])

    def refund(_: int) -> bool:
        try:
            return Generation.objects.get().refund(carol, "At once")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(16))) == 1
    assert Quota.objects.current(alice).used == 0
    assert not Quota.objects.unexplained().exists()
