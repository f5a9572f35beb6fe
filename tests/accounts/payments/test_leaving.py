"""Deleting an account that was sent to pay."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Payment, Purchase, User
from tests.accounts.payments.conftest import deliver
from tests.conftest import PASSWORD
from tests.problems import problem_of
from tests.stripe_server import Node, StripeServer

ACCOUNT = "/api/v1/account"


def test_it_works(bought: Node, as_alice: APIClient, stripe: StripeServer) -> None:
    assert as_alice.delete(ACCOUNT, {"password": PASSWORD}).status_code == 204
    assert stripe.last["status"] == "expired"
    purchase = Purchase.objects.get()
    assert (purchase.user, purchase.state, purchase.attention) == (None, Payment.EXPIRED, "")


def test_who_may_not_leave_can_still_pay(bought: Node, as_alice: APIClient, stripe: StripeServer) -> None:
    problem_of(as_alice.delete(ACCOUNT, {"password": "wrong horse"}), 403, "wrong_password")
    assert stripe.last["status"] == "open"


def test_who_leaves_need_not_wait_for_stripe_to_work(
    bought: Node, as_alice: APIClient, stripe: StripeServer, caplog: pytest.LogCaptureFixture
) -> None:
    stripe.troubles = [503] * 6
    assert as_alice.delete(ACCOUNT, {"password": PASSWORD}).status_code == 204
    assert not User.objects.filter(email="alice@example.com").exists()
    purchase = Purchase.objects.get()
    assert (purchase.user, purchase.state) == (None, Payment.OPEN)
    assert f"purchase {purchase.pk} of a deleted account stays open: PaymentRefused" in caplog.text


def test_who_leaves_with_money_on_its_way(
    bought: Node, as_alice: APIClient, stripe: StripeServer, caplog: pytest.LogCaptureFixture
) -> None:
    stripe.pay(bought, at_once=False)
    assert as_alice.delete(ACCOUNT, {"password": PASSWORD}).status_code == 204
    assert "stays open: PaymentProcessing" in caplog.text
    deliver(stripe.arrive(bought)[0])
    assert Purchase.objects.get().attention == "It was paid after the account was deleted."
