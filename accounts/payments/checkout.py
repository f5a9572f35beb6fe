"""Sending somebody to pay."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.exceptions import IncreasePending, PaymentProcessing, PaymentUnavailable, invalid
from accounts.models import LimitIncrease, Payment, Purchase, User
from accounts.payments import gateway
from accounts.payments.money import price_of
from accounts.payments.news import Told, learn

# A page is open for a day. One that is nearly over is not shown any more.
SHOWN_FOR = timedelta(hours=23)
OUT_OF_BOUNDS = {"amount_too_small": "min_value", "amount_too_large": "max_value"}

logger = logging.getLogger(__name__)


def begin(user: User, number: int, reason: str, return_url: str) -> LimitIncrease:
    """Have credits paid for: the row first, so that no payment can come that nobody knows of, then the page.

    Who asks for the same again is shown the same page; who asks for something else can pay only that.
    """
    amount = price_of(number)
    purchase = Purchase.objects.unpaid().filter(user=user).first()
    if purchase is not None and not _is_same(purchase, number, amount):
        give_up(purchase)
        purchase = None
    if purchase is None:
        purchase = _ask(user, number, reason, amount, return_url)
    if not purchase.checkout_url:
        _open(purchase, user.email)
    return LimitIncrease.objects.select_related("purchase").get(purchase=purchase)


def _ask(user: User, number: int, reason: str, amount: int, return_url: str) -> Purchase:
    """Of two who ask at once, the second is given what the first asked for, if it is the same."""
    try:
        return Purchase.objects.ask(
            user, number, reason, amount=amount, currency=settings.CURRENCY, return_url=return_url
        )
    except IncreasePending:
        purchase = Purchase.objects.unpaid().filter(user=user).first()
        if purchase is None or not _is_same(purchase, number, amount):
            raise
        return purchase


def give_up(purchase: Purchase) -> None:
    """Let an open purchase be paid no more. Raises `PaymentProcessing` where it is being paid already."""
    session = gateway.expire(purchase.session_id) if purchase.session_id else None
    if session is None:
        close(purchase, Payment.EXPIRED)
        return
    now = learn(Told(session))
    if now is not None and now.state in (Payment.OPEN, Payment.PROCESSING):
        raise PaymentProcessing


def abandon(purchases: Iterable[Purchase]) -> None:
    """Let what a deleted account left be paid no more. A page for which that fails stays open until its day is over."""
    for purchase in purchases:
        try:
            give_up(purchase)
        except (PaymentUnavailable, PaymentProcessing) as error:
            logger.warning(
                "purchase %s of a deleted account stays open: %s", purchase.pk, type(error).__name__
            )


def _is_same(purchase: Purchase, number: int, amount: int) -> bool:
    if purchase.state == Payment.PROCESSING:
        raise PaymentProcessing
    asked = (number, amount, settings.CURRENCY)
    known = (purchase.credits, purchase.amount, purchase.currency)
    return asked == known and timezone.now() - purchase.created_at < SHOWN_FOR


def _open(purchase: Purchase, email: str) -> None:
    """Where Stripe does not answer, the row stays as it is, and the next try or the reconciliation takes it up."""
    try:
        session = gateway.open_session(purchase, email)
    except gateway.PaymentRefused as refusal:
        close(purchase, Payment.FAILED)
        if refusal.why in OUT_OF_BOUNDS:
            message = gettext("The price of so many credits cannot be paid online.")
            raise invalid("credits", message, OUT_OF_BOUNDS[refusal.why]) from refusal
        raise
    learn(Told(session))


@transaction.atomic
def close(purchase: Purchase, state: Payment) -> None:
    locked = Purchase.objects.locked(purchase.pk)
    locked.advance(state)
    locked.settle()
