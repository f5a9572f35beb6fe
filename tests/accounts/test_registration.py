"""Who may have an account: with an invitation, after a letter, or once staff approve."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthToken, Invitation, User
from tests.conftest import PASSWORD
from tests.letters import delivered, link_in, token_in
from tests.problems import problem_of, refused_fields

URL = "/api/v1/register"
LOGIN = "/api/v1/login"
DAVE = {"email": "dave@example.com", "password": PASSWORD}


@pytest.fixture
def invited(settings: Any) -> None:
    settings.REGISTRATION = "invited"


@pytest.fixture
def approved(settings: Any) -> None:
    settings.REGISTRATION = "approved"


@pytest.fixture
def confirmed(settings: Any) -> None:
    settings.EMAIL_CONFIRMATION = True


def invite(**values: Any) -> str:
    _, secret = Invitation.objects.invite(None, **values)
    return secret


def test_an_invitation_makes_one_account(invited: None, nobody: APIClient) -> None:
    secret = invite()
    assert nobody.post(URL, DAVE | {"invitation": secret}).status_code == 201
    again = DAVE | {"email": "erin@example.com", "invitation": secret}
    problem_of(nobody.post(URL, again), 403, "invitation_invalid")
    assert User.objects.count() == 1
    assert secret not in str(vars(Invitation.objects.get()))


def test_no_invitation(invited: None, nobody: APIClient) -> None:
    problem = problem_of(nobody.post(URL, DAVE), 403, "invitation_required")
    assert [error["field"] for error in problem["errors"]] == ["invitation"]
    assert not User.objects.exists()


@pytest.mark.parametrize("secret", ["x", "sdi_" + "0" * 36, "é"])
def test_a_wrong_invitation(invited: None, nobody: APIClient, secret: str) -> None:
    problem_of(nobody.post(URL, DAVE | {"invitation": secret}), 403, "invitation_invalid")
    assert not User.objects.exists()


def test_an_invitation_that_is_too_old_or_for_somebody_else(invited: None, nobody: APIClient) -> None:
    for secret in (
        invite(expires_at=timezone.now() - timedelta(seconds=1)),
        invite(email="erin@example.com"),
    ):
        problem_of(nobody.post(URL, DAVE | {"invitation": secret}), 403, "invitation_invalid")
    secret = invite(email="Dave@Example.com", expires_at=timezone.now() + timedelta(hours=1))
    assert nobody.post(URL, DAVE | {"invitation": secret}).status_code == 201


def test_a_taken_address_uses_no_invitation_up(invited: None, nobody: APIClient, alice: User) -> None:
    secret = invite()
    taken = {"email": alice.email, "password": PASSWORD}
    problem_of(nobody.post(URL, taken), 403, "invitation_required")
    problem_of(nobody.post(URL, taken | {"invitation": secret}), 409, "conflict")
    assert nobody.post(URL, DAVE | {"invitation": secret}).status_code == 201


def test_an_invitation_that_nobody_needs_is_refused(nobody: APIClient) -> None:
    answer = nobody.post(URL, DAVE | {"invitation": "sdi_x"})
    assert refused_fields(answer) == {"invitation": "not_needed"}


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("uses", [1, 3])
def test_of_twenty_at_once_as_many_come_in_as_it_has_uses(invited: None, uses: int) -> None:
    secret = invite(uses=uses)

    def register(number: int) -> int:
        try:
            body = {"email": f"guest{number}@example.com", "password": PASSWORD, "invitation": secret}
            return APIClient(raise_request_exception=False).post(URL, body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(register, range(20)))
    assert answers == [201] * uses + [403] * (20 - uses)
    assert User.objects.count() == uses
    assert Invitation.objects.get().used == uses


def test_an_address_is_confirmed_before_it_is_used(confirmed: None, nobody: APIClient) -> None:
    answer = nobody.post(URL, DAVE)
    assert (answer.status_code, answer.json()["code"]) == (202, "email_unconfirmed")
    problem_of(nobody.post(LOGIN, DAVE), 403, "email_unconfirmed")
    problem_of(nobody.post(LOGIN, DAVE | {"password": "guess"}), 401, "not_authenticated")

    token = token_in(delivered()[0])
    assert link_in(delivered()[0]) == f"/session/?confirm={token}"
    assert nobody.put(URL, {"token": token}).status_code == 204
    assert nobody.post(LOGIN, DAVE).status_code == 200
    problem_of(nobody.put(URL, {"token": token}), 400, "invalid_letter")


def test_a_taken_address_answers_like_a_free_one(confirmed: None, nobody: APIClient, alice: User) -> None:
    free = nobody.post(URL, DAVE)
    taken = nobody.post(URL, {"email": "Alice@example.com", "password": PASSWORD})
    assert (free.status_code, free.content) == (taken.status_code, taken.content)
    assert [(letter.to, letter.subject) for letter in delivered()] == [
        (["dave@example.com"], "Confirm your e-mail address"),
        (["alice@example.com"], "You have an account already"),
    ]
    assert not AuthToken.objects.exists()


def test_registering_again_brings_the_letter_again(confirmed: None, nobody: APIClient) -> None:
    nobody.post(URL, DAVE)
    nobody.post(URL, DAVE | {"password": "nine quiet lighthouses"})
    assert nobody.put(URL, {"token": token_in(delivered()[1])}).status_code == 204
    assert nobody.post(LOGIN, DAVE).status_code == 200


def test_a_forgotten_password_confirms_the_address_too(confirmed: None, nobody: APIClient) -> None:
    nobody.post(URL, DAVE)
    nobody.post("/api/v1/password-reset", {"email": "dave@example.com"})
    body = {"token": token_in(delivered()[1]), "password": "nine quiet lighthouses"}
    assert nobody.put("/api/v1/password-reset", body).status_code == 204
    assert nobody.post(LOGIN, DAVE | {"password": "nine quiet lighthouses"}).status_code == 200


@pytest.mark.parametrize("token", ["x", "-", "0" * 32, f"{'0' * 32}-x", "é-é"])
def test_a_wrong_token_confirms_nothing(confirmed: None, nobody: APIClient, token: str) -> None:
    nobody.post(URL, DAVE)
    problem_of(nobody.put(URL, {"token": token}), 400, "invalid_letter")
    assert User.objects.get().awaits_confirmation


def test_staff_approve(approved: None, nobody: APIClient, as_carol: APIClient) -> None:
    answer = nobody.post(URL, DAVE)
    assert (answer.status_code, answer.json()["code"]) == (202, "approval_pending")
    problem_of(nobody.post(LOGIN, DAVE), 403, "approval_pending")
    dave = User.objects.get(email="dave@example.com")
    form = {"action": "approve", "_selected_action": [str(dave.pk)]}
    for _ in range(2):
        as_carol.post("/admin/accounts/user/", form, format="multipart")
    assert [(letter.to, letter.subject) for letter in delivered()] == [
        (["dave@example.com"], "Your account is approved")
    ]
    assert nobody.post(LOGIN, DAVE).status_code == 200


def test_a_taken_address_is_still_told_where_none_is_confirmed(
    approved: None, nobody: APIClient, alice: User
) -> None:
    problem_of(nobody.post(URL, {"email": alice.email, "password": PASSWORD}), 409, "conflict")


def test_first_the_letter_then_the_approval(approved: None, confirmed: None, nobody: APIClient) -> None:
    assert nobody.post(URL, DAVE).json()["code"] == "email_unconfirmed"
    nobody.put(URL, {"token": token_in(delivered()[0])})
    problem_of(nobody.post(LOGIN, DAVE), 403, "approval_pending")


def test_staff_make_an_invitation_and_see_it_once(
    invited: None, as_carol: APIClient, carol: User, nobody: APIClient
) -> None:
    form = {"email": "Dave@Example.com", "uses": 1, "expires_at_0": "", "expires_at_1": ""}
    page = as_carol.post("/admin/accounts/invitation/add/", form, format="multipart", follow=True)
    secret = next(word for word in page.content.decode().split() if word.startswith("sdi_")).rstrip(",")
    invitation = Invitation.objects.get()
    assert (invitation.created_by, invitation.email) == (carol, "dave@example.com")
    for path in ("", f"{invitation.pk}/change/"):
        assert secret not in as_carol.get(f"/admin/accounts/invitation/{path}").content.decode()
    assert nobody.post(URL, DAVE | {"invitation": secret}).status_code == 201
