"""Whether an event is Stripe's, and of now."""

import re
import time

import stripe
from django.conf import settings

from accounts.exceptions import InvalidSignature

# Seconds, to either side. The SDK looks at the past only.
TOLERANCE = 300
TIMESTAMP = re.compile(r"(?:^|,)t=([0-9]{1,12})(?:,|$)")


def verify(body: bytes, header: str) -> None:
    """Raises `InvalidSignature`. Any of the secrets will do, so that they can be changed without missing an event."""
    signed = TIMESTAMP.search(header)
    fits = signed is not None and header.isascii() and int(signed[1]) <= time.time() + TOLERANCE
    if not fits or not any(_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRET):
        raise InvalidSignature


def _signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
