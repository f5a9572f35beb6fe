"""Asking for credits where they are to be paid for."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import LedgerEntry, LimitIncrease, Payment, Purchase, Quota, User
from accounts.payments import gateway
from accounts.payments.money import in_words, price_of
from tests.accounts.payments.conftest import BODY, INCREASE, PRICE, deliver
from tests.conftest import PASSWORD, client_of
from tests.problems import problem_of, refused_fields
from tests.stripe_server import Node, StripeServer


def test_it_works(stripe: StripeServer, as_alice: APIClient, alice: User) -> None:
    answer = as_alice.post(INCREASE, BODY)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["status"], shown["price"], shown["currency"]) == ("pending_payment", PRICE, "eur")
    assert shown["checkout_url"] == stripe.last["url"]
    assert stripe.last["client_reference_id"] == shown["id"]
    assert stripe.last["customer_email"] == "alice@example.com"
    for event in stripe.pay(stripe.last):
        assert json.loads(deliver(event).content) == {"received": True}
    [paid] = as_alice.get(INCREASE).json()["results"]
    assert (paid["status"], paid["price"], paid["checkout_url"]) == ("paid", PRICE, None)
    assert paid["decided_at"]
    assert Quota.objects.current(alice).balance == 500
    [line] = as_alice.get("/api/v1/account/ledger").json()["results"]
    assert (line["kind"], line["balance"], line["purchase"]) == ("purchase", 500, shown["id"])


def test_without_payment_staff_decide(as_alice: APIClient) -> None:
    answer = as_alice.post(INCREASE, BODY).json()
    assert answer["status"] == "pending_review"
    assert [answer[name] for name in ("price", "currency", "checkout_url")] == [None] * 3


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "CREDIT_PRICE"])
def test_half_a_set_up_takes_no_money(
    stripe: StripeServer, settings: Settings, as_alice: APIClient, name: str
) -> None:
    setattr(settings, name, type(getattr(settings, name))())
    assert as_alice.post(INCREASE, BODY).json()["status"] == "pending_review"
    assert not stripe.asked


@pytest.mark.parametrize("outcome", ["paid", "canceled"])
def test_who_comes_back_is_shown_the_credits_and_given_none(
    bought: Node, alice: User, client: Client, outcome: str
) -> None:
    address = {"paid": bought["success_url"], "canceled": bought["cancel_url"]}[outcome]
    assert address == f"http://testserver/account/?{outcome}={Purchase.objects.get().id}#credits"
    client.force_login(alice)
    assert client.get(address).status_code == 200
    assert not LedgerEntry.objects.exists()


def test_the_success_page_is_of_https_behind_a_proxy_that_is(
    stripe: StripeServer, as_alice: APIClient, settings: Settings
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    as_alice.post(INCREASE, BODY, headers={"X-Forwarded-Proto": "https", "Host": "testserver"})
    assert Purchase.objects.get().return_url == "https://testserver/account/"


def test_staff_cannot_approve_what_is_to_be_paid(bought: Node, carol: User) -> None:
    assert not LimitIncrease.objects.get().approve(carol)
    assert not LedgerEntry.objects.exists()


def test_who_asks_for_the_same_again_is_given_the_same_page(
    bought: Node, as_alice: APIClient, stripe: StripeServer
) -> None:
    again = as_alice.post(INCREASE, BODY).json()
    assert again["checkout_url"] == bought["url"]
    assert (LimitIncrease.objects.count(), len(stripe.sessions)) == (1, 1)


def test_a_double_click_makes_one_purchase(stripe: StripeServer, transactional_db: None) -> None:
    erin = client_of(User.objects.create_user("erin@example.com", PASSWORD))

    def click(_: int) -> tuple[int, str]:
        try:
            answer = erin.post(INCREASE, BODY)
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(click, range(4))) == {(201, str(Purchase.objects.values_list("pk").get()[0]))}
    assert len(stripe.sessions) == 1


def test_who_asks_for_something_else_can_pay_only_that(
    bought: Node, as_alice: APIClient, stripe: StripeServer
) -> None:
    other = as_alice.post(INCREASE, BODY | {"credits": 40}).json()
    assert (other["status"], other["price"]) == ("pending_payment", 100)
    assert [session["status"] for session in stripe.sessions.values()] == ["expired", "open"]
    assert [entry["status"] for entry in as_alice.get(INCREASE).json()["results"]] == [
        "pending_payment",
        "expired",
    ]


def test_what_was_paid_just_before_is_not_lost(
    bought: Node, as_alice: APIClient, alice: User, stripe: StripeServer
) -> None:
    stripe.pay(bought)
    assert as_alice.post(INCREASE, BODY | {"credits": 40}).status_code == 201
    assert Quota.objects.current(alice).balance == 500
    assert [session["status"] for session in stripe.sessions.values()] == ["complete", "open"]


def test_while_money_is_on_its_way_nothing_else_is_sold(
    bought: Node, as_alice: APIClient, stripe: StripeServer
) -> None:
    events = stripe.pay(bought, at_once=False)
    problem_of(as_alice.post(INCREASE, BODY | {"credits": 40}), 409, "conflict")
    deliver(events[0])
    problem_of(as_alice.post(INCREASE, BODY), 409, "conflict")
    deliver(stripe.fail(bought)[0])
    assert as_alice.post(INCREASE, BODY).status_code == 201


def test_a_page_that_is_nearly_over_is_not_shown_again(
    bought: Node, as_alice: APIClient, stripe: StripeServer
) -> None:
    Purchase.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=1))
    assert as_alice.post(INCREASE, BODY).json()["checkout_url"] == stripe.last["url"] != bought["url"]


def test_stripe_may_stumble(stripe: StripeServer, as_alice: APIClient) -> None:
    stripe.troubles = [500]
    assert as_alice.post(INCREASE, BODY).status_code == 201


def test_stripe_may_be_down(stripe: StripeServer, as_alice: APIClient) -> None:
    stripe.troubles = [503] * 3
    answer = as_alice.post(INCREASE, BODY)
    problem_of(answer, 503, "payment_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert as_alice.get(INCREASE).json()["results"][0]["status"] == "payment_failed"
    assert as_alice.post(INCREASE, BODY).status_code == 201


def test_an_answer_that_was_lost_is_asked_for_again(stripe: StripeServer, as_alice: APIClient) -> None:
    stripe.troubles = ["lost"] * 3
    problem_of(as_alice.post(INCREASE, BODY), 503, "payment_unavailable")
    assert Purchase.objects.get().state == Payment.OPEN
    assert as_alice.get(INCREASE).json()["results"][0]["checkout_url"] is None
    again = as_alice.post(INCREASE, BODY).json()
    assert again["checkout_url"] == stripe.last["url"]
    assert (Purchase.objects.count(), len(stripe.sessions)) == (1, 1)


def test_an_answer_that_was_lost_can_be_paid_for(
    stripe: StripeServer, as_alice: APIClient, alice: User
) -> None:
    stripe.troubles = ["lost"] * 3
    as_alice.post(INCREASE, BODY)
    as_alice.post(INCREASE, BODY | {"credits": 40})
    deliver(stripe.pay(next(iter(stripe.sessions.values())))[0])
    assert Quota.objects.current(alice).balance == 500


def test_a_retry_that_is_not_the_same_to_stripe_is_begun_anew(
    stripe: StripeServer, as_alice: APIClient, alice: User
) -> None:
    stripe.troubles = ["lost"] * 3
    as_alice.post(INCREASE, BODY)
    User.objects.update(email="liddell@example.com")
    problem_of(as_alice.post(INCREASE, BODY), 503, "payment_unavailable")
    assert as_alice.post(INCREASE, BODY).status_code == 201
    assert stripe.last["customer_email"] == "liddell@example.com"


def test_a_page_that_stripe_knows_nothing_of_is_in_nobodys_way(
    bought: Node, stripe: StripeServer, as_alice: APIClient
) -> None:
    stripe.sessions.clear()
    assert as_alice.post(INCREASE, BODY | {"credits": 40}).status_code == 201


def test_a_slow_stripe_is_not_waited_for(
    stripe: StripeServer, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "TIMEOUT", (0.1, 0.1))
    stripe.troubles = ["slow"] * 3
    problem_of(as_alice.post(INCREASE, BODY), 503, "payment_unavailable")
    assert as_alice.post(INCREASE, BODY).status_code == 201


def test_nobody_at_the_address_is_a_refusal_too(
    stripe: StripeServer, settings: Settings, as_alice: APIClient
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    problem_of(as_alice.post(INCREASE, BODY), 503, "payment_unavailable")


def test_a_wrong_key_is_told_to_staff_and_not_to_the_log(
    stripe: StripeServer, settings: Settings, as_alice: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_revoked"
    problem_of(as_alice.post(INCREASE, BODY), 503, "payment_unavailable")
    assert "AuthenticationError, status 401" in caplog.text
    assert "sk_live" not in caplog.text


def test_a_price_below_what_can_be_paid_is_refused_by_name(stripe: StripeServer, as_alice: APIClient) -> None:
    assert refused_fields(as_alice.post(INCREASE, BODY | {"credits": 1})) == {"credits": "min_value"}
    assert as_alice.post(INCREASE, BODY).status_code == 201


def test_a_stranger_sees_nothing_of_it(bought: Node, as_bob: APIClient) -> None:
    assert as_bob.get(INCREASE).json()["results"] == []


@pytest.mark.parametrize(
    ("price", "number", "amount"), [("2.5", 1, 3), ("2.5", 2, 5), ("0.001", 1, 1), ("10", 10**6, 10**7)]
)
def test_a_price_is_whole(settings: Settings, price: str, number: int, amount: int) -> None:
    settings.CREDIT_PRICE = Decimal(price)
    assert price_of(number) == amount


@pytest.mark.parametrize(
    ("currency", "words"), [("eur", "12.50 EUR"), ("jpy", "1250 JPY"), ("kwd", "1.250 KWD")]
)
def test_an_amount_is_written_as_people_write_it(currency: str, words: str) -> None:
    assert in_words(1250, currency) == words
