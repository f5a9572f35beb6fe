"""Stripe, behind the few things that are asked of it."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import stripe
from django.conf import settings

from accounts.connections import let_go
from accounts.exceptions import PaymentUnavailable
from accounts.models import Purchase
from accounts.payments.records import Charge, Contest, Session

# Seconds to connect, and between bytes. A client waits for three tries of it at most.
TIMEOUT = (5, 10)
RETRIES = 2
PAGE = 100
MISSING = "resource_missing"
# No answer, so that the session may have been made; the next try, with the same key, tells.
UNANSWERED = (stripe.APIConnectionError, stripe.RateLimitError)

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class PaymentRefused(PaymentUnavailable):
    """Stripe answered, and did not do it. `why` is Stripe's word for it, where it has one."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


def open_session(purchase: Purchase, email: str) -> Session:
    """Have a page made where the purchase can be paid; asked again, it is the same page.

    Raises `PaymentUnavailable` where there is no telling whether it was made, and `PaymentRefused`.
    """
    reference = {"purchase": str(purchase.id)}
    price = {
        "currency": purchase.currency,
        "unit_amount": purchase.amount,
        "product_data": {"name": f"{purchase.credits} credits"},
    }
    order: Any = {
        "mode": "payment",
        "client_reference_id": str(purchase.id),
        "customer_email": email,
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": reference,
        "payment_intent_data": {"metadata": reference},
        # In another currency nothing that comes back could be compared with what was asked for.
        "adaptive_pricing": {"enabled": False},
        # What the page says of it is no news of a payment: it asks how the purchase stands.
        "success_url": f"{purchase.return_url}?paid={purchase.id}#credits",
        "cancel_url": f"{purchase.return_url}?canceled={purchase.id}#credits",
    }
    once: Any = {"idempotency_key": str(purchase.id)}
    return Session.of(_asked(lambda it: it.v1.checkout.sessions.create(order, once)).to_dict())


def expire(session_id: str) -> Session | None:
    """Let nobody pay on that page any more; how it stands then, for it may have been paid just before."""
    try:
        return Session.of(_asked(lambda it: it.v1.checkout.sessions.expire(session_id)).to_dict())
    except PaymentRefused:
        return session(session_id)


def session(session_id: str) -> Session | None:
    """How it stands; nothing, where Stripe knows of none, as after a change from test to live."""
    options: Any = {"expand": ["payment_intent"]}
    try:
        found = _asked(lambda it: it.v1.checkout.sessions.retrieve(session_id, options))
    except PaymentRefused as refusal:
        if refusal.why == MISSING:
            return None
        raise
    return Session.of(found.to_dict())


def session_of(payment_intent: str) -> Session | None:
    """The session in which it was paid."""
    options: Any = {"payment_intent": payment_intent, "expand": ["data.payment_intent"]}
    page = _asked(lambda it: it.v1.checkout.sessions.list(options))
    return next((Session.of(found.to_dict()) for found in page.data), None)


def sessions(since: datetime) -> Iterator[Session]:
    options: Any = {**_since(since), "expand": ["data.payment_intent"]}
    pages = _asked(lambda it: it.v1.checkout.sessions.list(options))
    yield from (Session.of(node) for node in _every(pages))


def refunded_charges(since: datetime) -> Iterator[Charge]:
    options: Any = {**_since(since), "expand": ["data.charge"]}
    pages = _asked(lambda it: it.v1.refunds.list(options))
    yield from (Charge.of(node["charge"]) for node in _every(pages) if isinstance(node.get("charge"), dict))


def contests(since: datetime) -> Iterator[Contest]:
    options: Any = _since(since)
    pages = _asked(lambda it: it.v1.disputes.list(options))
    yield from (Contest.of(node) for node in _every(pages))


def _since(moment: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}


def _every(pages: Any) -> Iterator[dict[str, Any]]:
    for found in _asked(lambda _: list(pages.auto_paging_iter())):
        yield found.to_dict()


def _asked(ask: Callable[[stripe.StripeClient], Answer]) -> Answer:
    """Ask, and tell those who wait from those who need not. The log has Stripe's words for it, and no values."""
    let_go()
    try:
        return ask(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE))
    except stripe.StripeError as error:
        code = error.code or type(error).__name__
        logger.warning("Stripe: %s, status %s, request %s", code, error.http_status, error.request_id)
        if isinstance(error, UNANSWERED):
            raise PaymentUnavailable from error
        raise PaymentRefused(code) from error


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )
