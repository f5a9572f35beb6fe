"""The ledger explains every credit, and nobody alters it."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.exceptions import CorrectionRefused, QuotaExhausted
from accounts.models import Kind, LedgerEntry, Quota, Reservation, User
from accounts.models.ledger import LedgerIsFinalError

URL = "/api/v1/account/ledger"


def lines(user: User) -> list[tuple[str, int, int]]:
    """Kind, allowance and balance of each line, oldest first."""
    return [(entry.kind, entry.allowance, entry.balance) for entry in user.ledger.order_by("id")]


def test_it_works(alice: User) -> None:
    Quota.objects.current(alice)
    Quota.objects.update(limit=2)
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    drawn = Quota.objects.reserve(alice, 3, generation=uuid4())
    Quota.objects.settle(alice, drawn)
    failed = Quota.objects.reserve(alice, 1, generation=uuid4())
    Quota.objects.refund(alice, failed, "out_of_memory")
    assert lines(alice) == [
        (Kind.GRANT, 0, 5),
        (Kind.RESERVE, -2, -1),
        (Kind.SETTLE, 0, 0),
        (Kind.RESERVE, 0, -1),
        (Kind.REFUND, 0, 1),
    ]
    assert not Quota.objects.unexplained().exists()


def test_what_was_refunded_is_not_refunded_again(alice: User) -> None:
    reservation = Quota.objects.reserve(alice, 3, generation=uuid4())
    assert Quota.objects.refund(alice, reservation)
    assert not Quota.objects.refund(alice, reservation)
    assert Quota.objects.current(alice).remaining == 100


def test_a_grant_with_a_key_happens_once(alice: User, carol: User) -> None:
    first = Quota.objects.grant(alice, 5, actor=carol, reason="Voucher", key="voucher:1")
    assert Quota.objects.grant(alice, 5, actor=carol, reason="Voucher", key="voucher:1") == first
    assert Quota.objects.current(alice).balance == 5


def test_a_correction_changes_used_and_balance(alice: User, carol: User) -> None:
    Quota.objects.reserve(alice, 10, generation=uuid4())
    Quota.objects.correct(alice, allowance=10, balance=2, actor=carol, reason="The server was down")
    quota = Quota.objects.current(alice)
    assert (quota.used, quota.balance) == (0, 2)
    assert not Quota.objects.unexplained().exists()


@pytest.mark.parametrize("change", [{"allowance": 1}, {"allowance": -101}, {"balance": -1}])
def test_a_correction_out_of_bounds_is_refused(alice: User, change: dict[str, int]) -> None:
    with pytest.raises(CorrectionRefused):
        Quota.objects.correct(alice, **change, actor=None, reason="")
    assert not LedgerEntry.objects.exists()


def test_a_refund_of_what_staff_gave_back_gives_nothing_twice(alice: User, carol: User) -> None:
    reservation = Quota.objects.reserve(alice, 3, generation=uuid4())
    Quota.objects.correct(alice, allowance=3, actor=carol, reason="A new start")
    Quota.objects.refund(alice, reservation)
    assert Quota.objects.current(alice).used == 0
    assert not Quota.objects.unexplained().exists()


def test_a_period_without_end_is_closed_in_the_ledger(alice: User, settings: Any) -> None:
    settings.QUOTA_PERIOD = "never"
    Quota.objects.reserve(alice, 3, generation=uuid4())
    settings.QUOTA_PERIOD = "day"
    assert Quota.objects.current(alice).used == 0
    Quota.objects.update(resets_at=timezone.now() - timedelta(days=1))
    settings.QUOTA_PERIOD = "never"
    assert Quota.objects.current(alice).resets_at is None
    assert not Quota.objects.unexplained().exists()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "refund", "grant", "give", "take", "turn"]),
        st.integers(min_value=0, max_value=9),
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_happens_the_ledger_adds_up(acts: list[tuple[str, int]]) -> None:
    user = User.objects.create_user(f"{uuid4()}@example.com")
    open_ones: list[Reservation] = []
    for act, number in acts:
        with suppress(QuotaExhausted, CorrectionRefused):
            _do(act, number, user, open_ones)
        assert not Quota.objects.unexplained().exists()


def _do(act: str, number: int, user: User, open_ones: list[Reservation]) -> None:
    quotas = Quota.objects
    if act == "reserve":
        quotas.current(user)
        quotas.filter(user=user, used__lte=12).update(limit=12)
        open_ones.append(quotas.reserve(user, number, generation=uuid4()))
    elif act == "grant":
        quotas.grant(user, number, actor=None, reason="")
    elif act == "give":
        quotas.correct(user, allowance=number, balance=number, actor=None, reason="")
    elif act == "take":
        quotas.correct(user, allowance=-number, balance=-number, actor=None, reason="")
    elif act == "turn":
        _let_months_pass(user, open_ones)
    elif open_ones and act == "settle":
        quotas.settle(user, open_ones.pop())
    elif open_ones:
        quotas.refund(user, open_ones.pop(0))


def _let_months_pass(user: User, open_ones: list[Reservation]) -> None:
    """All that has happened has happened long ago."""
    months = timedelta(days=62)
    Quota.objects.filter(user=user).update(resets_at=F("resets_at") - months)
    LedgerEntry._base_manager.filter(user=user).update(period_ends=F("period_ends") - months)
    for index, one in enumerate(open_ones):
        assert one.period_ends is not None
        open_ones[index] = replace(one, period_ends=one.period_ends - months)


def test_a_line_is_final(alice: User) -> None:
    entry = Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    entry.balance = 500
    for alter in (
        entry.save,
        entry.delete,
        alice.ledger.all().delete,
        lambda: alice.ledger.update(balance=1),
    ):
        with pytest.raises(LedgerIsFinalError):
            alter()
    assert lines(alice) == [(Kind.GRANT, 0, 5)]


def test_the_lines_outlive_the_account(alice: User) -> None:
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    alice.delete()
    entry = LedgerEntry.objects.get()
    assert (entry.user, entry.balance) == (None, 5)


def test_the_command_says_that_all_adds_up(alice: User) -> None:
    Quota.objects.reserve(alice, 3, generation=uuid4())
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "1 quotas and 1 lines" in out.getvalue()


@pytest.mark.parametrize("change", [{"used": 4}, {"balance": 1}])
def test_the_command_finds_what_the_ledger_does_not_explain(alice: User, change: dict[str, int]) -> None:
    Quota.objects.reserve(alice, 3, generation=uuid4())
    Quota.objects.update(**change)
    errors = StringIO()
    with pytest.raises(CommandError, match="1 users"):
        call_command("verify_ledger", stderr=errors)
    assert "alice@example.com" in errors.getvalue()


def test_everybody_sees_the_own_lines_only(as_alice: APIClient, alice: User, bob: User) -> None:
    generation = uuid4()
    Quota.objects.grant(bob, 7, actor=None, reason="For Bob")
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    Quota.objects.reserve(alice, 3, generation=generation)
    page = as_alice.get(URL).json()
    assert [(line["kind"], line["credits"], line["reason"]) for line in page["results"]] == [
        ("reserve", -3, ""),
        ("grant", 5, "Welcome"),
    ]
    assert page["results"][0]["generation"] == str(generation)
    assert page["next"] is None


def test_the_ledger_comes_in_pages(as_alice: APIClient, alice: User) -> None:
    for number in range(3):
        Quota.objects.grant(alice, number + 1, actor=None, reason="")
    first = as_alice.get(URL, {"page_size": 2}).json()
    second = as_alice.get(first["next"]).json()
    assert [line["credits"] for line in first["results"] + second["results"]] == [3, 2, 1]


@pytest.mark.parametrize(
    "query", [{"page_size": "0"}, {"page_size": "101"}, {"cursor": "x"}, {"sort": "asc"}]
)
def test_a_wrong_query_is_refused_by_name(as_alice: APIClient, query: dict[str, str]) -> None:
    answer = as_alice.get(URL, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(query))
