"""Settings of payment that make no sense without each other stop `manage.py` by name."""

from decimal import Decimal

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from tests.stripe_server import StripeServer


def found() -> list[str | None]:
    return [message.id for message in run_checks() if (message.id or "").startswith("payments.")]


def test_a_whole_set_up_is_fine(stripe: StripeServer) -> None:
    assert found() == []


def test_no_set_up_is_fine(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("STRIPE_WEBHOOK_SECRET", [], "payments.E001"),
        ("CREDIT_PRICE", Decimal(0), "payments.E002"),
        ("STRIPE_API_BASE", "http://stripe.example.com", "payments.E003"),
    ],
)
def test_what_is_missing_is_named(
    stripe: StripeServer, settings: Settings, name: str, value: object, expected: str
) -> None:
    setattr(settings, name, value)
    assert found() == [expected]
