"""Settings of payment that make no sense without each other."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error


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
    if settings.STRIPE_LIVE and settings.STRIPE_API_BASE.startswith("http://"):
        hint = "A live key goes over https only."
        found.append(Error("STRIPE_API_BASE is not encrypted.", hint=hint, id="payments.E003"))
    return found
