from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from tests.conftest import client_of
from tests.problems import problem_of

URL = "/api/v1/logout"


def test_it_works(as_alice: APIClient) -> None:
    response = as_alice.post(URL)
    assert response.status_code == 204
    assert response.content == b""
    problem_of(as_alice.get("/api/v1/account"), 401, "invalid_token")


def test_other_tokens_stay_valid(as_alice: APIClient, alice: User) -> None:
    other = client_of(alice)
    as_alice.post(URL)
    assert other.get("/api/v1/account").status_code == 200


def test_a_browser_is_logged_out_of_its_session(as_carol: APIClient) -> None:
    assert as_carol.post(URL).status_code == 204
    problem_of(as_carol.get("/api/v1/account"), 401, "not_authenticated")


def test_nobody_cannot(nobody: APIClient) -> None:
    problem_of(nobody.post(URL), 401, "not_authenticated")
    assert not AuthToken.objects.exists()
