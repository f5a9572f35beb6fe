"""However many send, and whoever of them dies: each try is one sender's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from generation.models import WebhookDelivery
from generation.webhooks import letters
from generation.webhooks.schedule import LEASE
from generation.webhooks.sending import send
from tests.generation.webhooks.conftest import Clock, Hooked, send_due, succeed
from tests.receiver import Receiver

SENDERS = 4


@pytest.mark.django_db(transaction=True)
def test_it_works(hooked: Hooked, receiver: Receiver) -> None:
    for _ in range(12):
        succeed(hooked(receiver.url))
    together = Barrier(SENDERS)

    def work() -> None:
        together.wait()
        send_due()
        connection.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        for sender in [pool.submit(work) for _ in range(SENDERS)]:
            sender.result()
    assert len(receiver.taken) == len({taken.id for taken in receiver.taken}) == 12
    assert {delivery.attempts for delivery in WebhookDelivery.objects.all()} == {1}


def test_what_is_claimed_is_nobody_elses(waiting: WebhookDelivery) -> None:
    assert WebhookDelivery.objects.claim() == waiting
    assert WebhookDelivery.objects.claim() is None


def test_two_who_saw_the_same_row(waiting: WebhookDelivery) -> None:
    other = WebhookDelivery.objects.get()
    assert [waiting.take(), other.take()] == [True, False]


def test_one_who_died_before_noting_loses_it(
    waiting: WebhookDelivery, receiver: Receiver, time: Clock
) -> None:
    dead = WebhookDelivery.objects.claim()
    assert dead is not None
    dead.write(letters.write(dead))
    time.forward(LEASE - timedelta(seconds=1))
    assert WebhookDelivery.objects.claim() is None
    time.forward(timedelta(seconds=2))
    send_due()
    assert receiver.taken[0].body.decode() == dead.body
    assert (WebhookDelivery.objects.get().state, len(receiver.taken)) == ("delivered", 1)


def test_one_who_is_late_changes_nothing(waiting: WebhookDelivery, time: Clock) -> None:
    late = WebhookDelivery.objects.claim()
    time.forward(LEASE + timedelta(seconds=1))
    again = WebhookDelivery.objects.claim()
    assert late is not None
    assert again is not None
    assert not late.note(error="timeout")
    assert again.note(204)
    assert (WebhookDelivery.objects.get().state, WebhookDelivery.objects.get().attempts) == ("delivered", 1)


def test_the_longest_due_come_first_and_the_occupied_not_at_all(
    hooked: Hooked, receiver: Receiver, alice: User, bob: User
) -> None:
    for user in (alice, alice, alice, bob):
        succeed(hooked(receiver.url, user=user))
    tried, first, second, of_bob = WebhookDelivery.objects.order_by("created_at")
    WebhookDelivery.objects.filter(pk=tried.pk).update(attempts=1)
    assert WebhookDelivery.objects.claim() == first
    assert WebhookDelivery.objects.claim(but=[alice.pk]) == of_bob
    assert WebhookDelivery.objects.claim(but=[alice.pk]) is None
    assert [WebhookDelivery.objects.claim(), WebhookDelivery.objects.claim()] == [second, tried]


def test_one_that_is_deleted_meanwhile_is_not_sent(
    waiting: WebhookDelivery, receiver: Receiver, alice: User
) -> None:
    claimed = WebhookDelivery.objects.claim()
    assert claimed is not None
    alice.generations.get().delete()
    send(claimed)
    assert not receiver.connections


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_rolled_back_is_not_told(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = hooked(receiver.url)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("accounts.models.Quota.objects.settle", fail)
    with pytest.raises(RuntimeError):
        succeed(generation)
    assert not WebhookDelivery.objects.exists()
