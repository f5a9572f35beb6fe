import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from tests import stripe_server
from tests.stripe_server import KEY, SECRET, StripeServer, signature

WEBHOOK = "/api/v1/payments/stripe/webhook"
INCREASE = "/api/v1/increase-limit"
BODY = {"credits": 500, "reason": "A book"}
PRICE = 1250


@pytest.fixture
def stripe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeServer]:
    """Payment set up, with a Stripe that is at hand. Between tries the SDK waits a moment only."""
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0.01)
    with stripe_server.running() as server:
        settings.STRIPE_SECRET_KEY = KEY
        settings.STRIPE_LIVE = True
        settings.STRIPE_WEBHOOK_SECRET = [SECRET]
        settings.STRIPE_API_BASE = server.base
        settings.CREDIT_PRICE = Decimal("2.5")
        settings.CURRENCY = "eur"
        yield server


def deliver(event: dict[str, Any], header: str | None = None) -> HttpResponse:
    """Send an event as Stripe does."""
    body = json.dumps(event).encode()
    signed = signature(body) if header is None else header
    client = Client(raise_request_exception=False)
    answer: Any = client.post(
        WEBHOOK, body, content_type="application/json; charset=utf-8", headers={"Stripe-Signature": signed}
    )
    return answer


@pytest.fixture
def bought(stripe: StripeServer, as_alice: APIClient) -> dict[str, Any]:
    """Alice was sent to pay; the session, as Stripe has it."""
    assert as_alice.post(INCREASE, BODY).status_code == 201
    return stripe.last
