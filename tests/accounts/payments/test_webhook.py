"""Only what Stripe signed, of now, is listened to."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Purchase, Quota, StripeEvent, User
from tests.accounts.payments.conftest import WEBHOOK, deliver
from tests.problems import problem_of, refused_fields
from tests.stripe_server import SECRET, Node, StripeServer, signature


@pytest.fixture
def paid(bought: Node, stripe: StripeServer) -> Node:
    [event] = stripe.pay(bought)
    return event


def signed(event: Node, **how: Any) -> str:
    return signature(json.dumps(event).encode(), **how)


def test_it_works(paid: Node, alice: User) -> None:
    assert deliver(paid, signed(paid)).status_code == 200
    assert Quota.objects.current(alice).balance == 500


@pytest.mark.parametrize(
    "spoil",
    [
        lambda event: "",
        lambda event: "nonsense",
        lambda event: "t=,v1=",
        lambda event: "t=1" * 5000,
        lambda event: signed(event, secret="whsec_another"),
        lambda event: signed(event, age=301),
        lambda event: signed(event, age=-310),
        lambda event: signed(event).replace("v1=", "v0="),
        lambda event: signed(event).replace("v1=", "v1=0"),
        lambda event: signed(event).split(",")[0],
        lambda event: signed(event).split(",")[1],
        lambda event: signed(event | {"id": "evt_other"}),
        lambda event: signed(event).replace("v1=", "v1=\u00e9"),
        lambda event: "t=99999999999999999999999," + signed(event).split(",")[1],
    ],
)
def test_what_is_not_signed_well_is_refused(
    paid: Node, alice: User, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = deliver(paid, spoil(paid))
    problem_of(answer, 400, "invalid_signature")
    assert not StripeEvent.objects.exists()
    assert Purchase.objects.get().state == "open"
    assert not alice.ledger.exists()
    assert SECRET not in caplog.text
    assert signed(paid).split("v1=")[1] not in caplog.text


def test_a_body_that_was_changed_is_refused(paid: Node, alice: User) -> None:
    header = signed(paid)
    paid["data"]["object"]["client_reference_id"] = "changed"
    problem_of(deliver(paid, header), 400, "invalid_signature")


def test_both_secrets_hold_while_one_is_changed(
    paid: Node, stripe: StripeServer, settings: Settings, alice: User
) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ["whsec_new", SECRET]
    assert deliver(paid, signed(paid)).status_code == 200
    assert deliver(paid, signed(paid, secret="whsec_new")).status_code == 200
    settings.STRIPE_WEBHOOK_SECRET = ["whsec_new"]
    problem_of(deliver(paid, signed(paid)), 400, "invalid_signature")
    assert Quota.objects.current(alice).balance == 500


def test_where_payment_is_not_set_up_nothing_is_well_signed(db: None, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = []
    problem_of(deliver({}, signed({}, secret="")), 400, "invalid_signature")


def test_a_token_opens_nothing_here(paid: Node, as_carol: APIClient) -> None:
    problem_of(as_carol.post(WEBHOOK, paid), 400, "invalid_signature")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 50_000])
def test_what_is_signed_and_no_json_is_refused(stripe: StripeServer, db: None, body: bytes) -> None:
    header = {"Stripe-Signature": signature(body)}
    client = Client(raise_request_exception=False)
    answer: Any = client.post(WEBHOOK, body, content_type="application/json", headers=header)
    problem_of(answer, 400, "invalid_signature" if body == b"\xff" else "malformed_json")


def test_an_empty_body_is_no_event(stripe: StripeServer, nobody: APIClient) -> None:
    assert refused_fields(nobody.post(WEBHOOK)).keys() == {"id", "type", "livemode", "data"}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ({}, {"id", "type", "livemode", "data"}),
        ({"id": "e", "type": "charge.refunded", "livemode": True, "data": {}}, {"data.object"}),
        ({"id": "e", "type": "charge.refunded", "livemode": True, "data": {"object": 1}}, {"data.object"}),
        ({"id": "e" * 256, "type": "t", "livemode": True, "data": {"object": {}}}, {"id"}),
    ],
)
def test_what_is_signed_and_no_event_is_refused(
    stripe: StripeServer, db: None, event: Node, fields: set[str]
) -> None:
    assert refused_fields(deliver(event)).keys() == fields


def test_a_form_is_refused(stripe: StripeServer, nobody: APIClient) -> None:
    problem_of(nobody.post(WEBHOOK, {}, format="multipart"), 415, "unsupported_media_type")
