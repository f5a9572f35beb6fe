"""What webhooks are signed with: whose it is, how it is kept, and how it is changed."""

import logging
from datetime import timedelta

import pytest
from django.db import connection as database
from pytest_django import Settings
from rest_framework.test import APIClient
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from accounts.models import AuthToken, User
from generation.models import SigningSecret, WebhookDelivery
from generation.webhooks.sealing import unseal
from tests.generation.webhooks.conftest import Clock, Hooked, send_due, succeed
from tests.problems import problem_of
from tests.receiver import Receiver

URL = "/api/v1/account/webhook-secret"


def fits(receiver: Receiver, secret: str) -> bool:
    """Whether what came in last is signed with it, among others."""
    taken = receiver.taken[-1]
    for signature in taken.headers["webhook-signature"].split():
        try:
            Verifier(secret).verify(taken.body, taken.headers | {"webhook-signature": signature})
        except WebhookVerificationError:
            continue
        return True
    return False


def test_it_works(as_alice: APIClient) -> None:
    answer = as_alice.get(URL)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["secret"].startswith("whsec_")
    assert answer.json()["former_until"] is None
    assert as_alice.get(URL).json() == answer.json()


def test_everybody_has_their_own(as_alice: APIClient, as_bob: APIClient) -> None:
    assert as_alice.get(URL).json()["secret"] != as_bob.get(URL).json()["secret"]
    before = as_alice.get(URL).json()
    as_bob.post(URL)
    assert as_alice.get(URL).json() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_program_may_not(as_alice: APIClient, alice: User, method: str) -> None:
    _, secret = AuthToken.objects.give(alice, "Job")
    as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    problem_of(getattr(as_alice, method)(URL), 403, "permission_denied")


def test_both_are_valid_for_a_day(
    as_alice: APIClient, hooked: Hooked, receiver: Receiver, time: Clock
) -> None:
    old = as_alice.get(URL).json()["secret"]
    new = as_alice.post(URL).json()["secret"]
    assert new != old
    for pause, both in ((timedelta(hours=23), True), (timedelta(hours=2), False)):
        time.forward(pause)
        succeed(hooked(receiver.url))
        send_due()
        signatures = receiver.taken[-1].headers["webhook-signature"].split()
        assert len(signatures) == (2 if both else 1)


def test_old_and_new_sign(as_alice: APIClient, hooked: Hooked, receiver: Receiver) -> None:
    oldest = as_alice.get(URL).json()["secret"]
    old = as_alice.post(URL).json()["secret"]
    rotated = as_alice.post(URL).json()
    assert rotated["former_until"] is not None
    succeed(hooked(receiver.url))
    send_due()
    assert [fits(receiver, secret) for secret in (rotated["secret"], old, oldest)] == [True, True, False]


def test_the_database_has_no_secret_to_read(as_alice: APIClient) -> None:
    shown = [as_alice.get(URL).json()["secret"], as_alice.post(URL).json()["secret"]]
    with database.cursor() as cursor:
        cursor.execute("SELECT sealed, former FROM generation_signingsecret")
        kept = str(cursor.fetchall())
    assert "whsec_" not in kept
    assert not any(secret.removeprefix("whsec_") in kept for secret in shown)


def test_under_another_key_there_is_another_secret(
    as_alice: APIClient, alice: User, settings: Settings, hooked: Hooked, receiver: Receiver
) -> None:
    before = SigningSecret.objects.rotate(alice).secret
    settings.SECRET_KEY = "another"
    assert unseal(SigningSecret.objects.get().sealed) is None
    succeed(hooked(receiver.url))
    send_due()
    assert WebhookDelivery.objects.get().state == "delivered"
    after = SigningSecret.objects.of(alice)
    assert after.secret != before
    assert after.valid == [after.secret]


def test_no_log_has_it(
    as_alice: APIClient, hooked: Hooked, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [as_alice.get(URL).json()["secret"], as_alice.post(URL).json()["secret"]]
    receiver.answers = [(410, {})]
    succeed(hooked(receiver.url + "?key=receivers-own-key", prompt="a purple castle"))
    send_due()
    assert "is given up: 410" in caplog.text
    signature = receiver.taken[-1].headers["webhook-signature"].split(",")[1]
    for hidden in (*secrets, signature, "receivers-own-key", "purple"):
        assert hidden not in caplog.text
