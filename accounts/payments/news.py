"""What is learned of a payment, from an event or by asking, and what follows from it.

Every piece of news is taken in on its own: it says how something stands, not what to do. So it may come twice, late or
in any order, and the purchase is in the same state after all of it.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Dispute, Purchase
from accounts.payments import gateway
from accounts.payments.records import Charge, Contest, Session

logger = logging.getLogger(__name__)
News = Session | Charge | Contest


@dataclass(frozen=True)
class Told:
    """News, with the session that it needs to be understood, where that is not known yet."""

    news: News
    session: Session | None = None


def understood(news: News) -> Told:
    """Ask Stripe for what is missing. Nothing is written, so this may take its time."""
    if isinstance(news, Session) or not news.payment_intent:
        return Told(news)
    if Purchase.objects.filter(payment_intent=news.payment_intent).exists():
        return Told(news)
    return Told(news, gateway.session_of(news.payment_intent))


@transaction.atomic
def learn(told: Told) -> Purchase | None:
    """Take it in. Returns the purchase that it is about, if it is one of ours."""
    if told.session is not None:
        _learn_session(told.session)
    if isinstance(told.news, Session):
        return _learn_session(told.news)
    found = Purchase.objects.filter(payment_intent=told.news.payment_intent or None).first()
    return found and _learn_of_money(Purchase.objects.locked(found.pk), told.news)


def settle_debts(purchase: Purchase) -> None:
    """Take what the buyer owes from what is there now. Two purchases are never locked at once, lest two wait for
    each other.
    """
    if purchase.user_id is None:
        return
    for owing in Purchase.objects.owing().filter(user=purchase.user_id):
        with transaction.atomic():
            Purchase.objects.locked(owing.pk).settle()


def _learn_session(session: Session) -> Purchase | None:
    pk = _purchase_of(session)
    if pk is None:
        return None
    purchase = Purchase.objects.locked(pk)
    wrong = _mismatch(purchase, session)
    if wrong:
        return _heed(purchase, wrong)
    purchase.session_id = session.id
    purchase.payment_intent = session.payment_intent or purchase.payment_intent
    purchase.checkout_url = session.url or purchase.checkout_url
    purchase.advance(session.state)
    purchase.settle()
    return purchase


def _purchase_of(session: Session) -> UUID | None:
    """By the session; or by its reference, for we may never have heard that the session was made."""
    found = Purchase.objects.filter(session_id=session.id or None)
    return (found or Purchase.objects.filter(pk=session.reference)).values_list("pk", flat=True).first()


def _mismatch(purchase: Purchase, session: Session) -> str:
    """What of the session is not as it was asked for."""
    expected = {
        "mode": (session.live, settings.STRIPE_LIVE),
        "reference": (session.reference, purchase.pk),
        "amount": (session.amount, purchase.amount),
        "currency": (session.currency, purchase.currency),
        "session": (session.id, purchase.session_id or session.id),
    }
    wrong = [name for name, (found, wanted) in expected.items() if found != wanted]
    return f"Session {session.id} has another {', '.join(wrong)}." if wrong else ""


def _learn_of_money(purchase: Purchase, news: Charge | Contest) -> Purchase:
    if (news.live, news.currency) != (settings.STRIPE_LIVE, purchase.currency):
        return _heed(purchase, "A refund or dispute has another mode or currency.")
    if isinstance(news, Charge):
        purchase.refunded = max(purchase.refunded, min(news.refunded, purchase.amount))
    else:
        Dispute.objects.learn(news.id, purchase, news.amount, news.state)
    purchase.settle()
    return purchase


def _heed(purchase: Purchase, wrong: str) -> Purchase:
    """Credit nothing, and let staff see it."""
    logger.warning("purchase %s: %s", purchase.pk, wrong)
    purchase.attention = wrong[:200]
    purchase.save(update_fields=["attention"])
    return purchase
