from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from accounts.tokens import new_token
from tests.problems import problem_of

URL = "/api/v1/account"


def bearer(client: APIClient, value: str) -> APIClient:
    client.credentials(HTTP_AUTHORIZATION=value)
    return client


def test_no_token(nobody: APIClient) -> None:
    response = nobody.get(URL)
    problem_of(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_another_scheme_is_not_ours(nobody: APIClient) -> None:
    problem_of(bearer(nobody, "Basic YTpi").get(URL), 401, "not_authenticated")


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer sds_", "Bearer x", f"Bearer {new_token()}x", "Bearer \xe9", "bearer a b"],
)
def test_what_is_no_token_costs_no_query(
    nobody: APIClient, django_assert_num_queries: DjangoAssertNumQueries, value: str
) -> None:
    with django_assert_num_queries(0):
        response = bearer(nobody, value).get(URL)
    problem_of(response, 401, "invalid_token")


def test_an_unknown_token(nobody: APIClient) -> None:
    problem_of(bearer(nobody, f"Bearer {new_token()}").get(URL), 401, "invalid_token")


def test_an_expired_token(as_alice: APIClient) -> None:
    AuthToken.objects.update(expires_at=timezone.now())
    response = as_alice.get(URL)
    problem_of(response, 401, "token_expired")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_disabled_account(as_alice: APIClient) -> None:
    User.objects.update(is_active=False)
    problem_of(as_alice.get(URL), 403, "account_disabled")


def test_the_last_use_is_noted_at_most_once_a_minute(as_alice: APIClient) -> None:
    as_alice.get(URL)
    first = AuthToken.objects.get().last_used_at
    assert first is not None
    as_alice.get(URL)
    assert AuthToken.objects.get().last_used_at == first
    AuthToken.objects.update(last_used_at=first - timedelta(minutes=2))
    as_alice.get(URL)
    assert AuthToken.objects.filter(last_used_at__gte=first).exists()


def test_a_session_has_to_send_the_csrf_token(carol: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(carol)
    assert client.get(URL).status_code == 200
    problem_of(client.post("/api/v1/logout"), 403, "permission_denied")
