"""Paying for credits, and what one is told when one comes back."""

import json
from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from generation.picturebook.train import WEIGHTS
from tests import server, stripe_server
from tests.browser.audit import violations
from tests.browser.test_account import API, come_in
from tests.stripe_server import KEY, SECRET, Node, StripeServer, signature


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, StripeServer]]:
    """A service that sells credits."""
    with stripe_server.running() as stripe:
        settings = {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": stripe.base,
            "CREDIT_PRICE": "2.5",
            "CURRENCY": "eur",
        }
        with server.running(tmp_path_factory.mktemp("shop"), WEIGHTS, **settings) as address:
            yield address, stripe


@pytest.fixture
def buyer(chromium: Browser, shop: tuple[str, StripeServer]) -> Iterator[Page]:
    context = chromium.new_context(base_url=shop[0])
    page = context.new_page()
    come_in(page)
    yield page
    context.close()


@pytest.fixture
def deliver(shop: tuple[str, StripeServer]) -> Callable[[Node], None]:
    """Send an event as Stripe does."""

    def send(event: Node) -> None:
        body = json.dumps(event).encode()
        headers = {"Stripe-Signature": signature(body), "Content-Type": "application/json"}
        answer = requests.post(f"{shop[0]}{API}/payments/stripe/webhook", body, headers=headers, timeout=10)
        assert answer.ok

    return send


def buy(page: Page, number: str) -> None:
    page.get_by_label("How many").fill(number)
    page.get_by_label("What for").fill("A book")
    page.get_by_role("button", name="Go on to pay").click()
    page.wait_for_url("**/c/pay/*")


def test_credits_are_bought(
    buyer: Page, shop: tuple[str, StripeServer], deliver: Callable[[Node], None]
) -> None:
    expect(buyer.locator("[data-price]")).to_have_text("That is €12.50.")
    buy(buyer, "40")
    stripe = shop[1]
    session = stripe.last
    assert buyer.url == session["url"]
    [event] = stripe.pay(session)
    buyer.goto(session["success_url"])
    expect(buyer.locator("[data-payment]")).to_contain_text("Your payment is being confirmed.")
    expect(buyer.locator(".requests li")).to_contain_text(["40 credits for €1.00"])
    expect(buyer.get_by_role("link", name="Pay")).to_be_hidden()
    deliver(event)
    expect(buyer.locator("[data-payment]")).to_have_text("Paid: 40 credits are on your balance.")
    expect(buyer.locator("[data-balance]")).to_have_text("40 credits")
    expect(buyer.locator(".requests li")).to_contain_text(["Paid"])
    assert violations(buyer) == []


def test_who_did_not_pay_can_still(buyer: Page, shop: tuple[str, StripeServer]) -> None:
    buy(buyer, "500")
    buyer.goto(shop[1].last["cancel_url"])
    expect(buyer.locator("[data-payment]")).to_contain_text("Nothing was paid.")
    expect(buyer.get_by_role("link", name="Pay")).to_have_attribute("href", shop[1].last["url"])
    assert violations(buyer) == []
    assert "canceled" not in buyer.url
