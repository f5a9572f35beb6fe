"""A forgotten password: a letter, and a new password for whoever has read it."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import proofs
from accounts.models import AuthToken, User
from tests.conftest import PASSWORD, Clock
from tests.letters import delivered, link_in, token_in
from tests.problems import problem_of, refused_fields

URL = "/api/v1/password-reset"
OTHER = "nine quiet lighthouses"


def asked(client: APIClient, email: str = "alice@example.com") -> str:
    """The token of the letter."""
    assert client.post(URL, {"email": email}).status_code == 202
    return token_in(delivered()[-1])


def test_it_works(nobody: APIClient, alice: User) -> None:
    token = asked(nobody, "Alice@Example.com")
    assert nobody.put(URL, {"token": token, "password": OTHER}).status_code == 204
    assert nobody.post("/api/v1/login", {"email": alice.email, "password": OTHER}).status_code == 200
    assert [letter.to for letter in delivered()] == [[alice.email], [alice.email]]


def test_the_letter_leads_to_the_page_and_not_into_the_log(
    nobody: APIClient, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        token = asked(nobody)
        nobody.get(link_in(delivered()[0]))
    assert link_in(delivered()[0]) == f"/session/?reset={token}"
    assert token not in caplog.text


def test_whatever_was_signed_in_ends(as_alice: APIClient, alice: User, nobody: APIClient) -> None:
    browser = APIClient(raise_request_exception=False)
    browser.force_login(alice)
    nobody.put(URL, {"token": asked(nobody), "password": OTHER})
    problem_of(as_alice.get("/api/v1/account"), 401, "invalid_token")
    problem_of(browser.get("/api/v1/account"), 401, "not_authenticated")
    assert not AuthToken.objects.exists()


def test_an_unknown_address_answers_the_same_and_gets_no_letter(nobody: APIClient, alice: User) -> None:
    known, unknown = (
        nobody.post(URL, {"email": email}) for email in ("alice@example.com", "mallory@example.com")
    )
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [letter.to for letter in delivered()] == [["alice@example.com"]]


def test_a_disabled_account_gets_no_letter(nobody: APIClient, alice: User) -> None:
    token = asked(nobody)
    User.objects.update(is_active=False)
    assert nobody.post(URL, {"email": alice.email}).status_code == 202
    assert len(delivered()) == 1
    problem_of(nobody.put(URL, {"token": token, "password": OTHER}), 400, "invalid_letter")


def test_a_token_works_once(nobody: APIClient, alice: User) -> None:
    token = asked(nobody)
    nobody.put(URL, {"token": token, "password": OTHER})
    problem_of(nobody.put(URL, {"token": token, "password": PASSWORD}), 400, "invalid_letter")
    alice.refresh_from_db()
    assert alice.check_password(OTHER)


def test_a_token_does_not_live_long(nobody: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = asked(nobody)
    late = datetime.now() + timedelta(days=1, minutes=1)  # noqa: DTZ005  # as Django counts
    monkeypatch.setattr(proofs.password_proof, "_now", lambda: late)
    problem_of(nobody.put(URL, {"token": token, "password": OTHER}), 400, "invalid_letter")


def test_signing_in_makes_the_letter_void(nobody: APIClient, alice: User) -> None:
    token = asked(nobody)
    nobody.post("/api/v1/login", {"email": alice.email, "password": PASSWORD})
    problem_of(nobody.put(URL, {"token": token, "password": OTHER}), 400, "invalid_letter")


@pytest.mark.parametrize("change", ["", "x", "é", "-", "a-b-c"])
def test_a_wrong_token(nobody: APIClient, alice: User, bob: User, change: str) -> None:
    token = asked(nobody)
    forged = [f"{bob.pk.hex}-{token.partition('-')[2]}", token[:-1], change or "0", f"{token}{change or '0'}"]
    for wrong in forged:
        problem_of(nobody.put(URL, {"token": wrong, "password": OTHER}), 400, "invalid_letter")
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_letter_for_an_address_sets_no_password(nobody: APIClient, settings: Any) -> None:
    settings.EMAIL_CONFIRMATION = True
    nobody.post("/api/v1/register", {"email": "dave@example.com", "password": PASSWORD})
    token = token_in(delivered()[0])
    problem_of(nobody.put(URL, {"token": token, "password": OTHER}), 400, "invalid_letter")


def test_a_weak_password_does_not_use_the_letter_up(nobody: APIClient, alice: User) -> None:
    token = asked(nobody)
    answer = nobody.put(URL, {"token": token, "password": "password123"})
    assert refused_fields(answer) == {"password": "password_too_common"}
    assert nobody.put(URL, {"token": token, "password": OTHER}).status_code == 204


@pytest.mark.parametrize("method", ["post", "put"])
def test_unknown_fields(nobody: APIClient, method: str) -> None:
    assert refused_fields(getattr(nobody, method)(URL, {"colour": "red"}))["colour"] == "unknown_field"


def test_a_mail_server_that_is_down_is_nobodys_500(
    nobody: APIClient, alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with caplog.at_level(logging.WARNING):
        assert nobody.post(URL, {"email": alice.email}).status_code == 202
        assert not delivered()
    assert "a letter could not be sent: ConnectionRefusedError" in caplog.text
    assert alice.email not in caplog.text


@pytest.mark.parametrize("email", ["alice@example.com", "mallory@example.com"])
def test_too_many_letters(nobody: APIClient, alice: User, clock: Clock, settings: Any, email: str) -> None:
    settings.RATE_RESET_ACCOUNT = "2/h"
    assert [nobody.post(URL, {"email": email}).status_code for _ in range(2)] == [202, 202]
    problem_of(nobody.post(URL, {"email": email}), 429, "rate_limited")
