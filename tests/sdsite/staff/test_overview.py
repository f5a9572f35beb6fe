"""The first page of admin."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import LimitIncrease, Purchase, User
from accounts.models.purchases import Payment
from monitoring.figures import CACHE_KEY


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cache.delete(CACHE_KEY)
    yield
    cache.delete(CACHE_KEY)


def test_it_works(as_carol: APIClient, alice: User) -> None:
    LimitIncrease.objects.ask(alice, 5, "A book")
    User.objects.create_user("dave@example.com", awaits_approval=True)
    page = as_carol.get("/admin/").content.decode()
    assert "<strong>1</strong> requests for credits to decide" in page
    for text in ("Pictures a day", "Seconds in the queue", "Nothing was spent.", "Nothing failed."):
        assert text in page
    assert page.count('role="img"') == 3
    assert "/admin/accounts/limitincrease/?status__exact=pending_review" in page
    assert "<strong>1</strong> accounts to approve" in page
    shown = as_carol.get("/admin/accounts/user/?awaits_approval__exact=1").content.decode()
    assert "dave@example.com" in shown
    assert "alice@example.com" not in shown
    assert as_carol.get("/admin/accounts/limitincrease/?status__exact=pending_review").status_code == 200


@pytest.mark.parametrize(("currency", "amount"), [("eur", "12.50"), ("jpy", "1250")])
def test_money_is_drawn_in_its_own_unit(as_carol: APIClient, alice: User, currency: str, amount: str) -> None:
    paid = {"state": Payment.PAID, "paid_at": timezone.now()}
    Purchase.objects.create(
        id=uuid.uuid4(), user=alice, credits=10, amount=1500, refunded=250, currency=currency, **paid
    )
    page = as_carol.get("/admin/").content.decode()
    assert f"<strong>{amount} {currency.upper()}</strong> taken in 30 days, by 1 purchase" in page
    assert "Money taken a day" in page
    assert f"{timezone.now().date()}: {amount} {currency.upper()}</title>" in page
    assert f"<td>{amount}</td>" in page


def test_it_asks_little(as_carol: APIClient, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        as_carol.get("/admin/")


def test_who_may_see_nothing_sees_no_figures(client: Client, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "Pictures a day" not in page.content.decode()
