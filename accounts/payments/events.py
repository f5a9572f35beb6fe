"""What Stripe tells of its own accord."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import StripeEvent
from accounts.payments.news import News, learn, settle_debts, understood
from accounts.payments.records import Charge, Contest, Session

FAILED = "checkout.session.async_payment_failed"


def take_in(event: Mapping[str, Any]) -> None:
    """Do what follows from a signed event, once: its id is written down in the transaction of what it does."""
    news = news_of(event)
    if news is None or StripeEvent.objects.filter(pk=event["id"]).exists():
        return
    told = understood(news)
    with transaction.atomic():
        noted, new = StripeEvent.objects.get_or_create(pk=event["id"], defaults={"type": event["type"]})
        purchase = learn(told) if new else None
        if purchase is not None:
            StripeEvent.objects.filter(pk=noted.pk).update(purchase=purchase)
    if purchase is not None:
        settle_debts(purchase)


def news_of(event: Mapping[str, Any]) -> News | None:
    """What the event tells of a payment; nothing, if it is of a kind that is none of ours."""
    node = event["data"]["object"]
    if node.get("livemode") is not event["livemode"]:
        node = {**node, "livemode": None}
    match event["type"]:
        case (
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed"
            | "checkout.session.expired"
        ):
            return Session.of(node, failed=event["type"] == FAILED)
        case "charge.refunded":
            return Charge.of(node)
        case "charge.dispute.created" | "charge.dispute.closed":
            return Contest.of(node)
        case _:
            return None
