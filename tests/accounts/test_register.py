from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from accounts.tokens import digest
from tests.conftest import PASSWORD
from tests.problems import problem_of, refused_fields

URL = "/api/v1/register"


def test_it_works(nobody: APIClient) -> None:
    body = {"email": "Dave@Example.com", "password": PASSWORD, "display_name": "Dave"}
    response = nobody.post(URL, body)
    assert response.status_code == 201
    session = response.json()
    user = User.objects.get()
    assert session["user"] == {
        "id": str(user.id),
        "email": "dave@example.com",
        "display_name": "Dave",
        "created_at": session["user"]["created_at"],
    }
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {session['token']}")
    assert nobody.get("/api/v1/account").status_code == 200


def test_only_the_digest_of_the_token_is_kept(nobody: APIClient) -> None:
    token = nobody.post(URL, {"email": "dave@example.com", "password": PASSWORD}).json()["token"]
    row = AuthToken.objects.get()
    assert row.digest == digest(token)
    assert token not in str(vars(row))
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.COM", " alice@example.com "])
def test_a_taken_address_is_refused_whatever_its_case(nobody: APIClient, alice: User, email: str) -> None:
    problem = problem_of(nobody.post(URL, {"email": email, "password": PASSWORD}), 409, "conflict")
    assert [error["field"] for error in problem["errors"]] == ["email"]
    assert User.objects.count() == 1
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "min_length"),
        ("password123", "password_too_common"),
        ("8205718364", "password_entirely_numeric"),
        ("dave.miller", "password_too_similar"),
        ("x" * 129, "max_length"),
        ("", "blank"),
        (None, "null"),
    ],
)
def test_a_weak_password_is_refused(nobody: APIClient, password: str | None, code: str) -> None:
    response = nobody.post(URL, {"email": "dave.miller@example.com", "password": password})
    assert refused_fields(response) == {"password": code}
    assert not User.objects.exists()


def test_white_space_of_a_password_is_kept(nobody: APIClient) -> None:
    nobody.post(URL, {"email": "dave@example.com", "password": f"  {PASSWORD} "})
    assert User.objects.get().check_password(f"  {PASSWORD} ")


def test_who_is_logged_in_can_register_another_account(as_alice: APIClient) -> None:
    response = as_alice.post(URL, {"email": "dave@example.com", "password": PASSWORD})
    assert response.status_code == 201
