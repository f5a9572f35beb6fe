"""A user asks for more credits, staff decide, and what is decided happens once."""

from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from rest_framework.test import APIClient

from accounts.exceptions import QuotaExhausted
from accounts.models import IncreaseStatus, Kind, LimitIncrease, Quota, User
from tests.conftest import PASSWORD
from tests.problems import problem_of

URL = "/api/v1/increase-limit"
ADMIN = "/admin/accounts/limitincrease/"
BODY = {"credits": 500, "reason": "A book"}


def decide(staff: APIClient, action: str, note: str = "") -> str:
    """Decide all requests in admin; the page that comes back."""
    ids = [str(pk) for pk in LimitIncrease.objects.values_list("pk", flat=True)]
    form = {"action": action, "note": note, "_selected_action": ids}
    return staff.post(ADMIN, form, format="multipart", follow=True).content.decode()


def test_it_works(
    as_alice: APIClient,
    as_carol: APIClient,
    alice: User,
    carol: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    answer = as_alice.post(URL, BODY)
    assert answer.status_code == 201
    assert answer.json()["status"] == "pending_review"
    with django_capture_on_commit_callbacks(execute=True):
        assert "Approved: 1 of 1." in decide(as_carol, "approve", "Enjoy!")
    [shown] = as_alice.get(URL).json()["results"]
    assert (shown["status"], shown["credits"], shown["note"]) == ("approved", 500, "Enjoy!")
    assert shown["decided_at"]
    assert Quota.objects.current(alice).balance == 500
    line = alice.ledger.get()
    assert (line.kind, line.balance, line.actor, line.reason) == (Kind.GRANT, 500, carol, "Enjoy!")
    [letter] = mail.outbox
    assert letter.to == ["alice@example.com"]
    assert letter.subject == "You have 500 credits more"
    assert "Enjoy!" in letter.body


def test_what_is_declined_gives_nothing(
    as_alice: APIClient, as_carol: APIClient, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    as_alice.post(URL, BODY)
    with django_capture_on_commit_callbacks(execute=True):
        decide(as_carol, "decline", "Too many")
    assert as_alice.get(URL).json()["results"][0]["status"] == "declined"
    assert not alice.ledger.exists()
    assert "declined" in mail.outbox[0].body


def test_what_is_decided_stays_decided(as_alice: APIClient, as_carol: APIClient, alice: User) -> None:
    as_alice.post(URL, BODY)
    decide(as_carol, "approve")
    assert "Declined: 0 of 1." in decide(as_carol, "decline")
    assert "Approved: 0 of 1." in decide(as_carol, "approve")
    assert Quota.objects.current(alice).balance == 500


def test_only_one_request_waits_at_a_time(as_alice: APIClient, as_carol: APIClient) -> None:
    as_alice.post(URL, BODY)
    problem_of(as_alice.post(URL, BODY), 409, "conflict")
    decide(as_carol, "decline")
    assert as_alice.post(URL, BODY).status_code == 201


def test_everybody_sees_the_own_requests_only(as_alice: APIClient, as_bob: APIClient) -> None:
    as_alice.post(URL, BODY)
    assert as_bob.get(URL).json()["results"] == []


def test_a_letter_that_cannot_be_sent_undoes_nothing(
    alice: User, carol: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(*_args: object) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr("accounts.mail.send_mail", fail)
    increase = LimitIncrease.objects.ask(alice, 500, "A book")
    with django_capture_on_commit_callbacks(execute=True):
        assert increase.approve(carol)
    assert Quota.objects.current(alice).balance == 500


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"credits": 0}, "credits", "min_value"),
        ({"credits": -5}, "credits", "min_value"),
        ({"credits": 10**6 + 1}, "credits", "max_value"),
        ({"credits": 10**30}, "credits", "invalid"),
        ({"credits": 1.5}, "credits", "invalid"),
        ({"credits": "5"}, "credits", "invalid"),
        ({"credits": True}, "credits", "invalid"),
        ({"credits": None}, "credits", "null"),
        ({"reason": ""}, "reason", "blank"),
        ({"reason": "   "}, "reason", "blank"),
        ({"reason": "x" * 501}, "reason", "max_length"),
        ({"reason": "\0"}, "reason", "invalid"),
        ({"status": "approved"}, "status", "unknown_field"),
        ({"user": "bob"}, "user", "unknown_field"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(
    as_alice: APIClient, change: dict[str, object], field: str, code: str
) -> None:
    answer = as_alice.post(URL, BODY | change)
    problem_of(answer, 400, "invalid_request")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not LimitIncrease.objects.exists()


def test_an_empty_quota_says_where_to_ask() -> None:
    assert QuotaExhausted(1, 0).extra["increase_limit"] == URL


def test_of_many_who_approve_at_once_one_does(transactional_db: None) -> None:
    user, staff = User.objects.create_user("erin@example.com", PASSWORD), User.objects.create_user("s@e.com")
    increase = LimitIncrease.objects.ask(user, 5, "A book")

    def approve(_: int) -> bool:
        try:
            return LimitIncrease.objects.get(pk=increase.pk).approve(staff)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(approve, range(40))) == 1
    assert Quota.objects.get().balance == 5
    assert LimitIncrease.objects.get().status == IncreaseStatus.APPROVED
