"""What Stripe tells is taken in once, in whatever order; what goes back takes the credits with it."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Kind, LedgerEntry, LimitIncrease, Purchase, Quota, StripeEvent, User
from tests.accounts.payments.conftest import BODY, INCREASE, PRICE, deliver
from tests.conftest import PASSWORD, client_of
from tests.problems import problem_of
from tests.stripe_server import Node, StripeServer


def lines(user: User) -> list[tuple[str, int]]:
    return [(line.kind, line.balance) for line in user.ledger.order_by("id")]


def status() -> str:
    return LimitIncrease.objects.get().status


def paid_at_once(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session)


def paid_after_days(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session, at_once=False) + stripe.arrive(session)


def not_paid_after_all(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session, at_once=False) + stripe.fail(session)


def never_paid(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.expire(session)


def partly_refunded(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session) + stripe.refund(session, 250) + stripe.refund(session, 250)


def refunded(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session) + stripe.refund(session, PRICE)


def disputed(stripe: StripeServer, session: Node) -> list[Node]:
    return stripe.pay(session) + stripe.dispute(session)


def disputed_and_lost(stripe: StripeServer, session: Node) -> list[Node]:
    return disputed(stripe, session) + stripe.close_dispute("lost")


def disputed_and_won(stripe: StripeServer, session: Node) -> list[Node]:
    return disputed(stripe, session) + stripe.close_dispute("won")


Story = Callable[[StripeServer, Node], list[Node]]
# How a payment may go, what the buyer has of 500 credits in the end, and what the request says of it.
STORIES: list[tuple[Story, int, str]] = [
    (paid_at_once, 500, "paid"),
    (paid_after_days, 500, "paid"),
    (not_paid_after_all, 0, "payment_failed"),
    (never_paid, 0, "expired"),
    (partly_refunded, 300, "paid"),
    (refunded, 0, "refunded"),
    (disputed, 0, "refunded"),
    (disputed_and_lost, 0, "refunded"),
    (disputed_and_won, 500, "paid"),
]
EACH_STORY = pytest.mark.parametrize(
    ("story", "left", "end"), STORIES, ids=[story.__name__ for story, _, _ in STORIES]
)


@EACH_STORY
def test_a_payment_goes_its_way(
    bought: Node, stripe: StripeServer, alice: User, story: Story, left: int, end: str
) -> None:
    for event in story(stripe, bought):
        assert deliver(event).status_code == 200
    assert (Quota.objects.current(alice).balance, status()) == (left, end)
    call_command("verify_ledger")


@EACH_STORY
def test_in_any_order_and_three_times_it_comes_to_the_same(
    bought: Node, stripe: StripeServer, alice: User, story: Story, left: int, end: str
) -> None:
    events = story(stripe, bought)
    for order in permutations(events):
        for event in [*order, *order, *reversed(order)]:
            assert deliver(event).status_code == 200
        assert (Quota.objects.current(alice).balance, status()) == (left, end)
        call_command("verify_ledger")
        start_over()


def start_over() -> None:
    """As before the first event, for the next order of them."""
    StripeEvent.objects.all().delete()
    for purchase in Purchase.objects.all():
        purchase.disputes.all().delete()
        blank = {"state": "open", "credited": 0, "refunded": 0, "moves": 0, "payment_intent": ""}
        Purchase.objects.filter(pk=purchase.pk).update(**blank)
    LimitIncrease.objects.update(status="pending_payment")
    LedgerEntry.objects.all()._raw_delete("default")
    Quota.objects.update(balance=0)


def test_all_of_it_at_once(stripe: StripeServer, transactional_db: None) -> None:
    """Each story happens to somebody; each event comes three times; four deliver at once."""
    events: list[Node] = []
    buyers = [User.objects.create_user(f"{number}@example.com", PASSWORD) for number in range(len(STORIES))]
    for buyer, (story, _, _) in zip(buyers, STORIES, strict=True):
        client_of(buyer).post(INCREASE, BODY)
        events += story(stripe, stripe.last)
    deliveries = 3 * events
    random.Random(2026).shuffle(deliveries)

    def until_taken(event: Node) -> None:
        try:
            assert deliver(event).status_code == 200
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(until_taken, deliveries))
    balances = [Quota.objects.current(buyer).balance for buyer in buyers]
    assert balances == [left for _, left, _ in STORIES]
    assert LedgerEntry.objects.filter(kind=Kind.PURCHASE).count() == 7
    call_command("verify_ledger")


def test_what_is_refunded_in_part_is_taken_back_in_part(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    for event in partly_refunded(stripe, bought):
        deliver(event)
    assert lines(alice) == [(Kind.PURCHASE, 500), (Kind.CORRECTION, -100), (Kind.CORRECTION, -100)]


def test_what_is_spent_is_owed_and_the_next_purchase_settles_it(
    bought: Node, stripe: StripeServer, as_alice: APIClient, alice: User
) -> None:
    deliver(stripe.pay(bought)[0])
    Quota.objects.update(used=100)
    LedgerEntry.objects.create(
        user=alice,
        kind=Kind.CORRECTION,
        allowance=-100,
        period_ends=Quota.objects.get().resets_at,
        key="the allowance is spent",
    )
    Quota.objects.reserve(alice, 450, generation=uuid4())
    deliver(stripe.refund(bought, PRICE)[0])
    purchase = Purchase.objects.get()
    assert (Quota.objects.get().balance, purchase.credited, purchase.owed) == (0, 450, 450)
    assert status() == "refunded"
    as_alice.post(INCREASE, BODY)
    deliver(stripe.pay(stripe.last)[0])
    purchase.refresh_from_db()
    assert (Quota.objects.get().balance, purchase.credited, purchase.owed) == (50, 0, 0)
    call_command("verify_ledger")


def test_a_dispute_that_is_won_gives_back_what_was_taken_and_no_more(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    deliver(stripe.pay(bought)[0])
    Quota.objects.correct(alice, balance=-200, actor=None, reason="Spent")
    deliver(stripe.dispute(bought)[0])
    assert Quota.objects.get().balance == 0
    deliver(stripe.close_dispute("won")[0])
    assert (Quota.objects.get().balance, Purchase.objects.get().owed) == (300, 0)
    call_command("verify_ledger")


def test_a_refund_and_a_dispute_take_no_more_than_there_was(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    Quota.objects.grant(alice, 70, actor=None, reason="Welcome")
    for event in refunded(stripe, bought) + stripe.dispute(bought):
        deliver(event)
    assert Quota.objects.get().balance == 70


@pytest.mark.parametrize(
    "change",
    [
        {"amount_total": PRICE - 1},
        {"amount_total": None},
        {"currency": "usd"},
        {"livemode": False},
        {"client_reference_id": str(uuid4())},
        {"client_reference_id": None},
        {"client_reference_id": "1; DROP TABLE"},
        {"id": "cs_live_another"},
    ],
)
def test_what_does_not_fit_gives_nothing_and_is_seen(
    bought: Node, stripe: StripeServer, alice: User, change: dict[str, Any]
) -> None:
    [event] = stripe.pay(bought)
    event["data"]["object"] |= change
    assert deliver(event).status_code == 200
    purchase = Purchase.objects.get()
    assert purchase.attention
    assert purchase.state == "open"
    assert not alice.ledger.exists()


def test_a_test_gives_nothing(bought: Node, stripe: StripeServer, alice: User) -> None:
    [event] = stripe.pay(bought)
    event["livemode"] = False
    assert deliver(event).status_code == 200
    assert "mode" in Purchase.objects.get().attention
    assert not alice.ledger.exists()


@pytest.mark.parametrize("change", [{"currency": "usd"}, {"livemode": False}])
def test_a_refund_that_does_not_fit_takes_nothing(
    bought: Node, stripe: StripeServer, alice: User, change: dict[str, Any]
) -> None:
    events = refunded(stripe, bought)
    events[1]["data"]["object"] |= change
    for event in events:
        assert deliver(event).status_code == 200
    assert Purchase.objects.get().attention
    assert Quota.objects.current(alice).balance == 500


def test_what_is_not_paid_gives_nothing(bought: Node, stripe: StripeServer, alice: User) -> None:
    [event] = stripe.pay(bought, at_once=False)
    assert deliver(event).status_code == 200
    assert (status(), Purchase.objects.get().state) == ("pending_payment", "processing")
    assert not alice.ledger.exists()


def test_two_payments_for_one_purchase_give_once(bought: Node, stripe: StripeServer, alice: User) -> None:
    deliver(stripe.pay(bought)[0])
    stripe.sessions["other"] = other = bought | {"id": "cs_live_99"}
    deliver(stripe.pay(other)[0])
    assert Quota.objects.current(alice).balance == 500
    assert "another session" in Purchase.objects.get().attention


@pytest.mark.parametrize("kind", ["checkout.session.completed", "charge.refunded", "charge.dispute.created"])
def test_what_is_not_ours_is_left_alone(
    stripe: StripeServer, as_alice: APIClient, alice: User, kind: str
) -> None:
    as_alice.post(INCREASE, BODY)
    stripe.pay(stripe.last)
    Purchase.objects.all().delete()
    for thing in [stripe.last, *stripe.charges.values(), {"livemode": True, "id": []}]:
        assert deliver(stripe.event(kind, thing)).status_code == 200
    assert not alice.ledger.exists()


def test_a_kind_that_is_not_ours_is_answered(bought: Node, stripe: StripeServer) -> None:
    assert deliver(stripe.event("invoice.paid", bought)).status_code == 200
    assert not StripeEvent.objects.exists()


def test_where_stripe_cannot_be_asked_it_has_to_tell_again(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    events = refunded(stripe, bought)
    stripe.troubles = [503] * 3
    problem_of(deliver(events[1]), 503, "payment_unavailable")
    assert not StripeEvent.objects.exists()
    assert deliver(events[1]).status_code == 200
    assert lines(alice) == [(Kind.PURCHASE, 500), (Kind.CORRECTION, -500)]


def test_a_payment_for_an_account_that_is_gone_is_seen(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    alice.delete()
    assert deliver(stripe.pay(bought)[0]).status_code == 200
    purchase = Purchase.objects.get()
    assert (purchase.state, purchase.credited) == ("paid", 0)
    assert "deleted" in purchase.attention
    assert deliver(stripe.refund(bought, PRICE)[0]).status_code == 200


def test_nothing_of_a_payer_is_kept(bought: Node, stripe: StripeServer) -> None:
    [event] = stripe.pay(bought)
    event["data"]["object"]["customer_details"] = {"name": "Alice Liddell"}
    deliver(event)
    kept = StripeEvent.objects.values().get()
    assert kept.keys() == {"id", "type", "purchase_id", "processed_at"}
