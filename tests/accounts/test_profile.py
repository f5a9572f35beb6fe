"""One's own account: change it, change its password, leave."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, LedgerEntry, LimitIncrease, Quota, User
from tests.conftest import PASSWORD, Clock, client_of
from tests.letters import delivered, token_in
from tests.problems import problem_of, refused_fields

URL = "/api/v1/account"
OTHER = "nine quiet lighthouses"


def in_browser(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(user)
    return client


def test_the_name_is_changed(as_alice: APIClient) -> None:
    assert as_alice.patch(URL, {"display_name": "Ally"}).json()["display_name"] == "Ally"
    assert as_alice.patch(URL, {"display_name": ""}).json()["display_name"] == ""
    assert as_alice.patch(URL, {}).json()["email"] == "alice@example.com"


def test_prompts_are_kept_out_of_pictures(as_alice: APIClient, alice: User) -> None:
    assert as_alice.patch(URL, {"prompts_in_pictures": False}).json()["prompts_in_pictures"] is False
    assert as_alice.patch(URL, {"display_name": "Ally"}).json()["prompts_in_pictures"] is False
    alice.refresh_from_db()
    assert (alice.display_name, alice.prompts_in_pictures) == ("Ally", False)
    assert as_alice.patch(URL, {"prompts_in_pictures": True}).json()["prompts_in_pictures"] is True


def test_the_address_is_changed_and_the_old_one_told(as_alice: APIClient, alice: User) -> None:
    answer = as_alice.patch(URL, {"email": "Ally@Example.com", "password": PASSWORD})
    assert answer.json()["email"] == "ally@example.com"
    assert [letter.to for letter in delivered()] == [["alice@example.com"]]
    assert as_alice.get(URL).status_code == 200


def test_the_same_address_is_no_change(as_alice: APIClient) -> None:
    assert as_alice.patch(URL, {"email": "ALICE@example.com", "password": PASSWORD}).status_code == 200
    assert not delivered()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": "ally@example.com"}, {"password": "required"}),
        ({"email": "ally", "password": PASSWORD}, {"email": "invalid"}),
        ({"display_name": "x" * 81}, {"display_name": "max_length"}),
        ({"display_name": 5}, {"display_name": "invalid"}),
        ({"prompts_in_pictures": "no"}, {"prompts_in_pictures": "invalid"}),
        ({"prompts_in_pictures": None}, {"prompts_in_pictures": "null"}),
        ({"is_staff": True}, {"is_staff": "unknown_field"}),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    as_alice: APIClient, body: dict[str, Any], fields: dict[str, str]
) -> None:
    assert refused_fields(as_alice.patch(URL, body)) == fields


def test_a_taken_address_and_a_wrong_password(as_alice: APIClient, alice: User, bob: User) -> None:
    problem_of(as_alice.patch(URL, {"email": bob.email, "password": PASSWORD}), 409, "conflict")
    wrong = {"email": "ally@example.com", "password": "wrong horse", "display_name": "Ally"}
    problem_of(as_alice.patch(URL, wrong), 403, "wrong_password")
    alice.refresh_from_db()
    assert (alice.email, alice.display_name) == ("alice@example.com", "Alice")


def test_a_new_address_is_confirmed_where_addresses_are(
    as_alice: APIClient, alice: User, bob: User, settings: Any
) -> None:
    settings.EMAIL_CONFIRMATION = True
    answers = [
        as_alice.patch(URL, {"email": email, "password": PASSWORD})
        for email in (bob.email, "ally@example.com")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    taken, asked = delivered()
    assert (taken.to, asked.to) == ([bob.email], ["ally@example.com"])
    assert as_alice.get(URL).json()["email"] == "alice@example.com"

    body = {"token": token_in(asked)}
    assert as_alice.put("/api/v1/register", body).status_code == 204
    assert as_alice.get(URL).json()["email"] == "ally@example.com"
    problem_of(as_alice.put("/api/v1/register", body), 400, "invalid_letter")
    assert delivered()[-1].to == ["alice@example.com"]


def test_an_address_that_was_taken_meanwhile(as_alice: APIClient, settings: Any) -> None:
    settings.EMAIL_CONFIRMATION = True
    as_alice.patch(URL, {"email": "dave@example.com", "password": PASSWORD})
    User.objects.create_user("dave@example.com", PASSWORD)
    problem_of(as_alice.put("/api/v1/register", {"token": token_in(delivered()[0])}), 409, "conflict")


def test_a_program_may_not_change_the_account(as_alice: APIClient, alice: User) -> None:
    _, secret = AuthToken.objects.give(alice, "Job")
    as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    problem_of(as_alice.patch(URL, {"display_name": "x"}), 403, "permission_denied")
    problem_of(as_alice.delete(URL, {"password": PASSWORD}), 403, "permission_denied")


def test_a_new_password_leaves_only_the_present_token(as_alice: APIClient, alice: User) -> None:
    other, browser = client_of(alice), in_browser(alice)
    body = {"current_password": PASSWORD, "new_password": OTHER}
    assert as_alice.post(f"{URL}/password", body).status_code == 204
    assert as_alice.get(URL).status_code == 200
    problem_of(other.get(URL), 401, "invalid_token")
    problem_of(browser.get(URL), 401, "not_authenticated")
    alice.refresh_from_db()
    assert alice.check_password(OTHER)
    (letter,) = delivered()
    assert OTHER not in str(letter.body)


def test_a_new_password_leaves_the_present_session(alice: User) -> None:
    browser, other = in_browser(alice), in_browser(alice)
    body = {"current_password": PASSWORD, "new_password": OTHER}
    assert browser.post(f"{URL}/password", body).status_code == 204
    assert browser.get(URL).status_code == 200
    problem_of(other.get(URL), 401, "not_authenticated")


def test_a_wrong_present_password(as_alice: APIClient, alice: User) -> None:
    body = {"current_password": "wrong horse", "new_password": OTHER}
    problem = problem_of(as_alice.post(f"{URL}/password", body), 403, "wrong_password")
    assert [error["field"] for error in problem["errors"]] == ["current_password"]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "min_length"),
        ("password123", "password_too_common"),
        ("alice@example", "password_too_similar"),
    ],
)
def test_a_weak_new_password(as_alice: APIClient, password: str, code: str) -> None:
    body = {"current_password": PASSWORD, "new_password": password}
    assert refused_fields(as_alice.post(f"{URL}/password", body)) == {"new_password": code}


def test_an_account_is_deleted_and_leaves_the_ledger(as_alice: APIClient, alice: User, bob: User) -> None:
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    LimitIncrease.objects.ask(alice, 5, "A book")
    browser = in_browser(alice)
    assert as_alice.delete(URL, {"password": PASSWORD}).status_code == 204
    problem_of(as_alice.get(URL), 401, "invalid_token")
    problem_of(browser.get(URL), 401, "not_authenticated")
    assert list(User.objects.all()) == [bob]
    assert not any(table.objects.exists() for table in (AuthToken, Quota, LimitIncrease))
    assert LedgerEntry.objects.get().user is None


def test_an_account_is_deleted_in_a_browser(alice: User) -> None:
    browser = in_browser(alice)
    assert browser.delete(URL, {"password": PASSWORD}).status_code == 204
    problem_of(browser.get(URL), 401, "not_authenticated")


def test_what_staff_did_stays_readable(as_carol: APIClient, carol: User, alice: User) -> None:
    form = {"action": "disable", "_selected_action": [str(alice.pk)]}
    as_carol.post("/admin/accounts/user/", form, format="multipart")
    problem_of(as_carol.delete(URL, {"password": PASSWORD}), 403, "permission_denied")
    assert User.objects.filter(pk=carol.pk).exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({}, 400, "invalid_request"), ({"password": "wrong horse"}, 403, "wrong_password")],
)
def test_nobody_leaves_by_mistake(as_alice: APIClient, body: dict[str, str], status: int, code: str) -> None:
    problem_of(as_alice.delete(URL, body), status, code)
    assert as_alice.get(URL).status_code == 200


def test_the_session_of_a_disabled_account_ends(alice: User) -> None:
    browser = in_browser(alice)
    User.objects.update(is_active=False)
    problem_of(browser.get(URL), 401, "not_authenticated")
    assert browser.get("/pictures/")["Location"].startswith("/session/")


def test_the_present_password_cannot_be_guessed(as_alice: APIClient, clock: Clock, settings: Any) -> None:
    settings.RATE_LOGIN_ACCOUNT = "1/h"
    problem_of(as_alice.delete(URL, {"password": "guess"}), 403, "wrong_password")
    problem_of(as_alice.delete(URL, {"password": PASSWORD}), 429, "rate_limited")
