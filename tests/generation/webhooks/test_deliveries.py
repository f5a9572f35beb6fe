"""What becomes of a generation is told: which events, what they say, and that they are signed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from rest_framework.test import APIClient
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from accounts.models import User
from generation.engine import Engine
from generation.models import SigningSecret, WebhookDelivery, WebhookEvent
from tests.generation.webhooks.conftest import Hooked, send_due, start, succeed
from tests.receiver import Receiver

URL = "/api/v1/text-to-image-generator"


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(taken.body) for taken in receiver.taken]


def test_it_works(
    as_alice: APIClient, alice: User, receiver: Receiver, use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Noise")
    drawn = as_alice.post(URL, {"prompt": "a red house", "webhook": {"url": receiver.url + "?to=me"}})
    assert drawn.status_code == 200, drawn.content
    send_due()
    (taken,) = receiver.taken
    event = Verifier(SigningSecret.objects.of(alice).secret).verify(taken.body, taken.headers)
    assert taken.path == "/hooks?to=me"
    assert taken.headers["content-type"] == "application/json"
    assert event["type"] == "generation.succeeded"
    shown = as_alice.get(f"/api/v1/generations/{drawn.json()['id']}?images=url").json()
    assert event["data"] == shown
    assert WebhookDelivery.objects.get().state == "delivered"


def test_all_events_in_a_life(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url)
    start(generation)
    send_due()
    succeed(generation)
    send_due()
    assert [(event["type"], event["data"]["status"]) for event in told(receiver)] == [
        ("generation.started", "running"),
        ("generation.succeeded", "succeeded"),
    ]


def test_it_is_told_in_english(hooked: Hooked, receiver: Receiver) -> None:
    hooked(receiver.url).fail("generation_failed")
    with translation.override("es"):
        send_due()
    (event,) = told(receiver)
    assert event["data"]["error"]["detail"] == "The picture could not be drawn. Nothing was charged."


def test_what_is_told_late_is_told_as_it_was(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url)
    start(generation)
    succeed(generation)
    send_due()
    started, succeeded = told(receiver)
    assert (started["data"]["status"], started["data"]["images"]) == ("running", [])
    assert started["data"]["finished_at"] is None
    assert len(succeeded["data"]["images"]) == 1


def test_a_failure_says_why(hooked: Hooked, receiver: Receiver) -> None:
    hooked(receiver.url).fail("generation_failed", "out_of_memory")
    send_due()
    (event,) = told(receiver)
    assert event["type"] == "generation.failed"
    assert event["data"]["error"]["reason"] == "out_of_memory"
    assert event["data"]["cost"] == 0


def test_a_canceled_one_is_told(hooked: Hooked, receiver: Receiver) -> None:
    hooked(receiver.url).cancel()
    send_due()
    assert [event["type"] for event in told(receiver)] == ["generation.canceled"]


def test_only_what_was_asked_for(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url, (WebhookEvent.FAILED,))
    start(generation)
    succeed(generation)
    assert not WebhookDelivery.objects.exists()


def test_a_turn_that_another_was_faster_with_is_not_told(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url)
    assert generation.cancel()
    assert not generation.fail("generation_failed", "worker_lost")
    assert not start(generation)
    assert [delivery.event for delivery in WebhookDelivery.objects.all()] == ["generation.canceled"]


def test_pictures_are_links(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url)
    succeed(generation)
    send_due()
    (image,) = told(receiver)[0]["data"]["images"]
    assert image["image"] is None
    assert image["url"] == f"https://pictures.example/api/v1/generations/{generation.id}/images/0"


@pytest.mark.parametrize("character", ["\N{PERFORMING ARTS}", "\x01", "a"])
def test_a_letter_is_small(hooked: Hooked, receiver: Receiver, character: str) -> None:
    generation = hooked(receiver.url, prompt=character * 2000, negative_prompt=character * 2000)
    succeed(generation)
    send_due()
    assert len(receiver.taken[0].body) < 20_000
    assert told(receiver)[0]["data"]["parameters"]["prompt"].startswith(character * 400)


def test_somebody_elses_signature_does_not_fit(
    waiting: WebhookDelivery, bob: User, receiver: Receiver
) -> None:
    send_due()
    (taken,) = receiver.taken
    with pytest.raises(WebhookVerificationError):
        Verifier(SigningSecret.objects.of(bob).secret).verify(taken.body, taken.headers)


def test_what_is_deleted_is_not_told(hooked: Hooked, receiver: Receiver) -> None:
    hooked(receiver.url).delete()
    done = hooked(receiver.url)
    succeed(done)
    done.delete()
    assert not WebhookDelivery.objects.exists()
    send_due()
    assert not receiver.connections


def test_it_goes_with_its_owner(waiting: WebhookDelivery, alice: User) -> None:
    SigningSecret.objects.of(alice)
    alice.leave()
    assert not WebhookDelivery.objects.exists()
    assert not SigningSecret.objects.exists()


def test_old_ones_are_pruned(hooked: Hooked, receiver: Receiver) -> None:
    """But for those that are still to be delivered."""
    for _ in range(3):
        succeed(hooked(receiver.url))
    old, new, waiting = WebhookDelivery.objects.all()
    long_ago = timezone.now() - timedelta(days=31)
    WebhookDelivery.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)
    WebhookDelivery.objects.exclude(pk=waiting.pk).update(state="delivered")
    call_command("prune")
    assert {delivery.pk for delivery in WebhookDelivery.objects.all()} == {new.pk, waiting.pk}


def test_what_is_begun_anew_is_told_once(hooked: Hooked, receiver: Receiver) -> None:
    generation = hooked(receiver.url)
    for _ in range(2):
        assert start(generation)
        generation.lose("worker_lost")
    assert [delivery.event for delivery in WebhookDelivery.objects.all()] == ["generation.started"]
