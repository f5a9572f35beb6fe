"""Tokens for programs: what they may do, until when, and for how many credits."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.exceptions import TokenCapReached
from accounts.models import AuthToken, Quota, User
from accounts.models.tokens import MOST_TOKENS
from tests.problems import problem_of, refused_fields

URL = "/api/v1/tokens"


def made(client: APIClient, **values: Any) -> dict[str, Any]:
    answer = client.post(URL, {"name": "Nightly job"} | values)
    assert answer.status_code == 201, answer.content
    return answer.json()


def with_header(name: str, value: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(**{name: value})
    return client


def test_it_works(as_alice: APIClient, alice: User) -> None:
    token = made(as_alice, scopes=["read"], credit_cap=5)
    assert token["token"].startswith(token["start"])
    assert (token["scopes"], token["credit_cap"], token["spent"]) == (["read"], 5, 0)
    assert (
        with_header("HTTP_AUTHORIZATION", f"Bearer {token['token']}").get("/api/v1/account").status_code
        == 200
    )
    assert as_alice.delete(f"{URL}/{token['id']}").status_code == 204
    refused = with_header("HTTP_AUTHORIZATION", f"Bearer {token['token']}").get("/api/v1/account")
    problem_of(refused, 401, "invalid_token")


def test_the_secret_is_shown_once(as_alice: APIClient) -> None:
    secret = made(as_alice)["token"]
    listed = as_alice.get(URL)
    assert [token["name"] for token in listed.json()["results"]] == ["Nightly job", "Login"]
    assert secret not in listed.content.decode()
    assert not AuthToken.objects.filter(digest=secret).exists()


def test_somebody_elses_token_is_not_there(as_alice: APIClient, as_bob: APIClient) -> None:
    token = made(as_alice)
    problem_of(as_bob.delete(f"{URL}/{token['id']}"), 404, "not_found")
    assert AuthToken.objects.filter(pk=token["id"]).exists()
    assert token["id"] not in [one["id"] for one in as_bob.get(URL).json()["results"]]


@pytest.mark.parametrize("id", [0, 10**6, 10**30])
def test_an_unknown_token(as_alice: APIClient, id: int) -> None:  # noqa: A002
    problem_of(as_alice.delete(f"{URL}/{id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("scopes", "method", "path", "needed"),
    [
        (["read"], "post", "/api/v1/text-to-image-generator", "generate"),
        (["generate"], "get", "/api/v1/generations", "read"),
        (["generate", "read"], "post", URL, "account"),
        (["generate", "read"], "post", "/api/v1/increase-limit", "account"),
    ],
)
def test_a_token_does_what_its_scopes_say(
    as_alice: APIClient, scopes: list[str], method: str, path: str, needed: str
) -> None:
    client = with_header("HTTP_AUTHORIZATION", f"Bearer {made(as_alice, scopes=scopes)['token']}")
    problem = problem_of(getattr(client, method)(path, {}), 403, "permission_denied")
    assert problem["detail"] == f"This token has not the scope `{needed}`."


def test_every_token_may_revoke_itself(as_alice: APIClient) -> None:
    client = with_header("HTTP_AUTHORIZATION", f"Bearer {made(as_alice, scopes=['read'])['token']}")
    assert client.post("/api/v1/logout").status_code == 204
    problem_of(client.get("/api/v1/account"), 401, "invalid_token")


def test_a_token_ends_when_it_should(as_alice: APIClient) -> None:
    token = made(as_alice, expires_at=(timezone.now() + timedelta(hours=1)).isoformat())
    AuthToken.objects.filter(pk=token["id"]).update(expires_at=timezone.now())
    refused = with_header("HTTP_AUTHORIZATION", f"Bearer {token['token']}").get("/api/v1/account")
    problem_of(refused, 401, "token_expired")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 81}, "name", "max_length"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"scopes": ["account"]}, "scopes.0", "invalid_choice"),
        ({"scopes": "read"}, "scopes", "not_a_list"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "past"),
        ({"expires_at": "soon"}, "expires_at", "invalid"),
        ({"credit_cap": 0}, "credit_cap", "min_value"),
        ({"credit_cap": 2**53}, "credit_cap", "max_value"),
        ({"spent": 0}, "spent", "unknown_field"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(
    as_alice: APIClient, change: dict[str, object], field: str, code: str
) -> None:
    assert refused_fields(as_alice.post(URL, {"name": "Job"} | change)) == {field: code}


def test_an_account_has_a_hundred_tokens_at_most(as_alice: APIClient, alice: User) -> None:
    for number in range(MOST_TOKENS - 1):
        AuthToken.objects.give(alice, f"Token {number}")
    problem_of(as_alice.post(URL, {"name": "One more"}), 409, "conflict")


def test_a_cap_holds_and_is_given_back(alice: User) -> None:
    token, _ = AuthToken.objects.give(alice, "Job", credit_cap=3)
    token.spend(2)
    with pytest.raises(TokenCapReached, match="1 credit is left of this token's cap"):
        token.spend(2)
    token.unspend(2)
    token.spend(3)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("HTTP_AUTHORIZATION", "Token {}"),
        ("HTTP_AUTHORIZATION", "bearer {}"),
        ("HTTP_APIKEY", "{}"),
    ],
)
def test_clients_that_can_do_no_better(as_alice: APIClient, name: str, form: str) -> None:
    secret = made(as_alice)["token"]
    assert with_header(name, form.format(secret)).get("/api/v1/account").status_code == 200
    problem_of(with_header(name, form.format("sds_x")).get("/api/v1/account"), 401, "invalid_token")


def test_the_token_as_a_password(as_alice: APIClient) -> None:
    secret = made(as_alice)["token"]
    value = b64encode(f"whoever:{secret}".encode()).decode()
    assert with_header("HTTP_AUTHORIZATION", f"Basic {value}").get("/api/v1/account").status_code == 200


def test_token_and_quota_take_three_queries(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, secret = AuthToken.objects.give(alice, "Job")
    Quota.objects.current(alice)
    AuthToken.objects.redeem(secret)
    with django_assert_num_queries(3):
        user = AuthToken.objects.redeem(secret).user
        Quota.objects.reserve(user, 1, generation=uuid4())
