"""What we read of Stripe's objects, as plain values."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from accounts.models import DisputeState, Payment

Node = Mapping[str, Any]

# A payment that was begun and came to nothing: its intent waits for another try, which a session does not give.
FRUITLESS = ("requires_payment_method", "canceled")
# What refers to no purchase.
NOBODY = uuid.UUID(int=0)
CLOSED = {"won": DisputeState.WON, "warning_closed": DisputeState.WON, "lost": DisputeState.LOST}


@dataclass(frozen=True)
class Session:
    """A Checkout Session: somebody was sent to pay."""

    id: str
    reference: uuid.UUID
    state: Payment
    amount: Any
    currency: Any
    live: Any
    payment_intent: str
    url: str
    # Whether it was made for a purchase; the same account may sell other things.
    ours: bool

    @classmethod
    def of(cls, node: Node, *, failed: bool = False) -> Self:
        """`failed` is what only an event's type tells: its session looks like one whose payment is under way."""
        return cls(
            id=_text(node.get("id")),
            reference=_uuid(node.get("client_reference_id")),
            state=_state(node, failed),
            amount=node.get("amount_total"),
            currency=node.get("currency"),
            live=node.get("livemode"),
            payment_intent=_id(node.get("payment_intent")),
            url=_text(node.get("url")),
            ours=_has_purchase(node.get("metadata")),
        )


@dataclass(frozen=True)
class Charge:
    """Money that was taken, and how much of it went back."""

    payment_intent: str
    refunded: int
    currency: Any
    live: Any

    @classmethod
    def of(cls, node: Node) -> Self:
        return cls(
            payment_intent=_id(node.get("payment_intent")),
            refunded=_amount(node.get("amount_refunded")),
            currency=node.get("currency"),
            live=node.get("livemode"),
        )


@dataclass(frozen=True)
class Contest:
    """A dispute."""

    id: str
    payment_intent: str
    amount: int
    state: DisputeState
    currency: Any
    live: Any

    @classmethod
    def of(cls, node: Node) -> Self:
        return cls(
            id=_text(node.get("id")),
            payment_intent=_id(node.get("payment_intent")),
            amount=_amount(node.get("amount")),
            state=CLOSED.get(_text(node.get("status")), DisputeState.OPEN),
            currency=node.get("currency"),
            live=node.get("livemode"),
        )


def _state(session: Node, failed: bool) -> Payment:
    if session.get("payment_status") == "paid":
        return Payment.PAID
    if failed:
        return Payment.FAILED
    if session.get("status") == "expired":
        return Payment.EXPIRED
    if session.get("status") != "complete":
        return Payment.OPEN
    intent = session.get("payment_intent")
    fruitless = isinstance(intent, Mapping) and intent.get("status") in FRUITLESS
    return Payment.FAILED if fruitless else Payment.PROCESSING


def _has_purchase(metadata: Any) -> bool:
    return isinstance(metadata, Mapping) and "purchase" in metadata


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _id(value: Any) -> str:
    """Stripe gives an id, or the object itself where it was asked to."""
    return _text(value.get("id") if isinstance(value, Mapping) else value)


def _amount(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else 0


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(_text(value))
    except ValueError:
        return NOBODY
