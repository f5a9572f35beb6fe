"""NUL, which PostgreSQL cannot store, wherever a client can put text: refused, or taken for unknown."""

from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.conftest import PASSWORD
from tests.problems import problem_of, refused_fields

NUL = "a\x00b"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "register",
            {"email": "dave@example.com", "password": PASSWORD, "display_name": NUL},
            "display_name",
        ),
        ("register", {"email": f"{NUL}@example.com", "password": PASSWORD}, "email"),
        ("login", {"email": f"{NUL}@example.com", "password": PASSWORD}, "email"),
        ("login", {"email": "dave@example.com", "password": NUL}, "password"),
        ("tokens", {"name": NUL}, "name"),
        ("increase-limit", {"credits": 5, "reason": NUL}, "reason"),
        ("text-to-image-generator", {"prompt": NUL}, "prompt"),
    ],
)
def test_in_a_body(as_alice: APIClient, path: str, body: dict[str, object], field: str) -> None:
    assert refused_fields(as_alice.post(f"/api/v1/{path}", body)) == {field: "invalid"}


@pytest.mark.parametrize("path", ["account/ledger", "tokens", "increase-limit", "generations"])
@pytest.mark.parametrize("name", ["cursor", "page_size", NUL])
def test_in_a_query(as_alice: APIClient, path: str, name: str) -> None:
    assert refused_fields(as_alice.get(f"/api/v1/{path}?{urlencode({name: NUL})}"))


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Basic"])
def test_in_a_token(nobody: APIClient, alice: User, scheme: str) -> None:
    answer = nobody.get("/api/v1/account", HTTP_AUTHORIZATION=f"{scheme} sds_{NUL}")
    assert answer.status_code == 401


def test_in_the_cookie_of_a_session(nobody: APIClient, alice: User) -> None:
    answer = nobody.get("/api/v1/account", HTTP_COOKIE='sessionid="aaaaaaaaaa\\000"')
    problem_of(answer, 401, "not_authenticated")


@pytest.mark.parametrize("table", ["accounts/user", "accounts/authtoken", "generation/generation"])
@pytest.mark.parametrize("query", [{"q": NUL}, {"id__exact": NUL}, {"created_at__gte": NUL}])
def test_in_what_staff_look_for(as_carol: APIClient, table: str, query: dict[str, str]) -> None:
    assert as_carol.get(f"/admin/{table}/?{urlencode(query)}").status_code in (200, 302, 400)
