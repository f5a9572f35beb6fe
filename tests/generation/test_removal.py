"""Files and charges go with the rows that are deleted, in whatever way."""

from collections.abc import Callable

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import Kind, LedgerEntry, Quota, User
from generation.models import Generation, Picture
from tests.generation.files import files_of, is_gone

PICTURES = [Picture(0, 7, b"first"), Picture(1, 8, b"second")]
Submit = Callable[..., Generation]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def done(submit: Submit) -> Generation:
    generation = submit(cost=3, num_images=2, image=bytes(64 * 64 * 3), strength=0.5)
    generation.succeed(PICTURES)
    return generation


def test_it_works(done: Generation, alice: User) -> None:
    assert files_of(done) == {"image.png", "0.png", "1.png"}
    Generation.objects.get().delete()
    assert is_gone(done)
    assert Quota.objects.current(alice).used == 3


def test_what_is_not_done_is_refunded_first(submit: Submit, alice: User) -> None:
    generation = submit(cost=3, image=bytes(64 * 64 * 3), strength=0.5)
    Generation.objects.all().delete()
    assert is_gone(generation)
    assert Quota.objects.current(alice).used == 0
    assert alice.ledger.get(kind=Kind.REFUND).credits == 3


def test_a_deletion_that_is_rolled_back_keeps_the_files(done: Generation) -> None:
    with transaction.atomic():
        Generation.objects.get().delete()
        transaction.set_rollback(True)
    assert files_of(done) == {"image.png", "0.png", "1.png"}


def test_they_go_with_their_owner(done: Generation, submit: Submit, as_carol: APIClient, alice: User) -> None:
    waiting = submit(image=bytes(64 * 64 * 3), strength=0.5)
    url = f"/admin/accounts/user/{alice.pk}/delete/"
    assert as_carol.post(url, {"post": "yes"}, format="multipart").status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()
    assert is_gone(done)
    assert is_gone(waiting)
    assert {entry.user for entry in LedgerEntry.objects.all()} == {None}
    assert LedgerEntry.objects.filter(kind=Kind.REFUND, generation=waiting.id).exists()
