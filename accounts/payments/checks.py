"""Settings of payment that make no sense without each other."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

OWN_MACHINE = ("127.0.0.1", "localhost")


def payment_settings(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Who cannot hear of payments must not take any."""
    if not settings.STRIPE_SECRET_KEY:
        return []
    found: list[CheckMessage] = []
    if not settings.STRIPE_WEBHOOK_SECRET:
        hint = "Stripe shows it where the webhook is set up; `stripe listen` prints one."
        found.append(Error("STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRET.", hint=hint, id="payments.E001"))
    if not settings.CREDIT_PRICE:
        hint = "What one credit costs, in the smallest unit of CURRENCY."
        found.append(Error("STRIPE_SECRET_KEY needs CREDIT_PRICE.", hint=hint, id="payments.E002"))
    address = urlsplit(settings.STRIPE_API_BASE)
    if settings.STRIPE_LIVE and address.scheme == "http" and address.hostname not in OWN_MACHINE:
        hint = "A live key goes over https only."
        found.append(Error("STRIPE_API_BASE is not encrypted.", hint=hint, id="payments.E003"))
    return found
