import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from tests.conftest import PASSWORD
from tests.problems import problem_of

URL = "/api/v1/login"


@pytest.mark.parametrize("email", ["alice@example.com", "Alice@Example.Com"])
def test_it_works(nobody: APIClient, alice: User, email: str) -> None:
    response = nobody.post(URL, {"email": email, "password": PASSWORD})
    assert response.status_code == 200
    assert response.json()["user"]["email"] == "alice@example.com"
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['token']}")
    assert nobody.get("/api/v1/account").status_code == 200
    alice.refresh_from_db()
    assert alice.last_login is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice@example.com", "wrong horse"), ("mallory@example.com", PASSWORD), ("alice@example.com", " ")],
)
def test_a_wrong_address_and_a_wrong_password_answer_alike(
    nobody: APIClient, alice: User, email: str, password: str
) -> None:
    response = nobody.post(URL, {"email": email, "password": password})
    problem = problem_of(response, 401, "not_authenticated")
    assert problem["detail"] == "The e-mail address or the password is wrong."
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert not AuthToken.objects.exists()


def test_a_disabled_account_is_refused(nobody: APIClient, alice: User) -> None:
    User.objects.update(is_active=False)
    problem_of(nobody.post(URL, {"email": alice.email, "password": PASSWORD}), 403, "account_disabled")
    assert not AuthToken.objects.exists()


def test_a_disabled_account_is_not_told_to_a_stranger(nobody: APIClient, alice: User) -> None:
    User.objects.update(is_active=False)
    problem_of(nobody.post(URL, {"email": alice.email, "password": "guess"}), 401, "not_authenticated")


def test_earlier_tokens_stay_valid(as_alice: APIClient, nobody: APIClient) -> None:
    nobody.post(URL, {"email": "alice@example.com", "password": PASSWORD})
    assert as_alice.get("/api/v1/account").status_code == 200
