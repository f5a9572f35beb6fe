"""What no event told of is found by asking."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Purchase, Quota, StripeEvent, User
from tests.accounts.payments.conftest import BODY, INCREASE, PRICE, deliver
from tests.stripe_server import Node, StripeServer


def reconcile(**options: Any) -> str:
    printed = StringIO()
    call_command("reconcile_payments", stdout=printed, stderr=printed, **options)
    return printed.getvalue()


def worries() -> str:
    printed = StringIO()
    with pytest.raises(CommandError, match="Somebody has to look at"):
        call_command("reconcile_payments", stdout=printed, stderr=printed)
    return printed.getvalue()


def test_it_works(bought: Node, stripe: StripeServer, alice: User) -> None:
    stripe.pay(bought)
    assert "was open with 0 credits, now paid with 500" in reconcile()
    assert Quota.objects.current(alice).balance == 500
    assert "0 were put right" in reconcile()
    call_command("verify_ledger")


def test_an_event_that_comes_after_all_changes_nothing(
    bought: Node, stripe: StripeServer, alice: User
) -> None:
    [event] = stripe.pay(bought)
    reconcile()
    assert deliver(event).status_code == 200
    assert Quota.objects.current(alice).balance == 500


def test_a_session_whose_answer_was_lost_is_found(
    stripe: StripeServer, as_alice: APIClient, alice: User
) -> None:
    stripe.troubles = ["lost"] * 3
    as_alice.post(INCREASE, BODY)
    reconcile()
    assert as_alice.get(INCREASE).json()["results"][0]["checkout_url"] == stripe.last["url"]
    stripe.pay(stripe.last)
    reconcile()
    assert Quota.objects.current(alice).balance == 500


@pytest.mark.parametrize(("end", "state"), [("expire", "expired"), ("fail", "failed")])
def test_what_came_to_nothing_is_noted(
    bought: Node, stripe: StripeServer, alice: User, end: str, state: str
) -> None:
    if end == "fail":
        stripe.pay(bought, at_once=False)
    getattr(stripe, end)(bought)
    assert f"now {state} with 0" in reconcile()
    assert not alice.ledger.exists()


def test_what_went_back_is_taken_back(bought: Node, stripe: StripeServer, alice: User) -> None:
    deliver(stripe.pay(bought)[0])
    stripe.refund(bought, 250)
    assert "now paid with 400" in reconcile()
    stripe.dispute(bought)
    assert "now paid with 0" in reconcile()
    stripe.close_dispute("won")
    assert "now paid with 400" in reconcile()
    call_command("verify_ledger")


def test_what_waits_for_longer_is_asked_for_by_name(bought: Node, stripe: StripeServer, alice: User) -> None:
    stripe.pay(bought)
    bought["created"] -= 10**6
    Purchase.objects.update(created_at=timezone.now() - timedelta(days=4))
    assert "now paid with 500" in reconcile()


def test_what_was_never_opened_expires(stripe: StripeServer, as_alice: APIClient) -> None:
    stripe.troubles = [429]
    as_alice.post(INCREASE, BODY)
    assert Purchase.objects.get().state == "open"
    Purchase.objects.update(created_at=timezone.now() - timedelta(hours=26))
    assert "never opened" in reconcile()
    assert as_alice.get(INCREASE).json()["results"][0]["status"] == "expired"


def test_what_stripe_knows_nothing_of_expires(bought: Node, stripe: StripeServer) -> None:
    stripe.sessions.clear()
    Purchase.objects.update(created_at=timezone.now() - timedelta(days=4))
    assert "Stripe knows of no such page" in reconcile()
    assert Purchase.objects.get().state == "expired"


def test_more_than_a_page_of_sessions_is_read(stripe: StripeServer, as_alice: APIClient) -> None:
    for number in range(100, 105):
        as_alice.post(INCREASE, BODY | {"credits": number})
    stripe.pay(next(session for session in stripe.sessions.values() if session["status"] == "open"))
    assert "now paid" in reconcile()


def test_what_does_not_fit_is_told(bought: Node, stripe: StripeServer, alice: User) -> None:
    stripe.pay(bought)
    bought["amount_total"] = PRICE - 1
    assert "another amount" in worries()
    assert not alice.ledger.exists()


def test_a_payment_that_nobody_knows_of_is_told(bought: Node, stripe: StripeServer) -> None:
    stripe.pay(bought)
    Purchase.objects.all().delete()
    assert "no purchase knows of it" in worries()


def test_what_the_same_account_sells_elsewhere_is_none_of_ours(bought: Node, stripe: StripeServer) -> None:
    stripe.pay(bought)
    bought["metadata"] = {}
    Purchase.objects.all().delete()
    assert "All payments add up" in reconcile()


def test_what_is_owed_is_told(bought: Node, stripe: StripeServer, alice: User) -> None:
    deliver(stripe.pay(bought)[0])
    Quota.objects.correct(alice, balance=-200, actor=None, reason="Spent")
    stripe.refund(bought, PRICE)
    assert "200 credits were spent" in worries()
    Quota.objects.grant(alice, 500, actor=None, reason="A present")
    reconcile()
    assert Quota.objects.get().balance == 300
    call_command("verify_ledger")


def test_old_events_are_forgotten(bought: Node, stripe: StripeServer) -> None:
    deliver(stripe.pay(bought)[0])
    StripeEvent.objects.update(processed_at=timezone.now() - timedelta(days=91))
    reconcile()
    assert not StripeEvent.objects.exists()


def test_a_stripe_that_is_down_fails_it(bought: Node, stripe: StripeServer) -> None:
    stripe.troubles = [503] * 3
    with pytest.raises(CommandError, match="does not answer"):
        reconcile()


def test_without_payment_there_is_nothing_to_compare(db: None) -> None:
    with pytest.raises(CommandError, match="not set up"):
        reconcile()
