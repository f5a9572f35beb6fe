from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from rest_framework.exceptions import ErrorDetail
from rest_framework.test import APIClient

from accounts import profile
from sdsite.problems import field_errors
from tests.problems import problem_of

PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v1/account/",
        "/api/v1/%ff",
        "/api/v1/%00",
        "/api/v1/%ED%A0%80",
        "/api/v1/generations/not-a-uuid",
        "/api/v1//account",
        "/api/v1/../../etc/passwd",
        "/robots.txt",
        "/" + "x" * 4000,
    ],
)
def test_an_unknown_address(nobody: APIClient, path: str) -> None:
    problem_of(nobody.get(path), 404, "not_found")


def test_a_person_gets_a_page_outside_the_api(nobody: APIClient) -> None:
    assert nobody.get("/nothing", headers={"accept": PAGE})["Content-Type"].startswith("text/html")
    problem_of(nobody.get("/api/v1/nothing", headers={"accept": PAGE}), 404, "not_found")


def test_the_instance_is_a_proper_reference(nobody: APIClient) -> None:
    problem = problem_of(nobody.get('/api/v1/a b"<é>?secret=1'), 404, "not_found")
    assert problem["instance"] == "/api/v1/a%20b%22%3C%C3%A9%3E"


@pytest.mark.parametrize("host", ["evil.example", "", "a b", "x" * 1000])
def test_an_unknown_host(nobody: APIClient, host: str) -> None:
    problem_of(nobody.get("/api/v1/account", headers={"host": host}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ZeroDivisionError("secret"), 500, "internal_error"),
        (RecursionError("secret"), 500, "internal_error"),
        (SuspiciousOperation("secret"), 400, "invalid_request"),
        (BadRequest("secret"), 400, "invalid_request"),
        (PermissionDenied(), 403, "permission_denied"),
        (Http404(), 404, "not_found"),
        (OperationalError("gone"), 503, "service_unavailable"),
    ],
)
def test_what_a_view_may_raise(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def get(*_: Any) -> None:
        raise error

    monkeypatch.setattr(profile.AccountView, "get", get)
    problem = problem_of(as_alice.get("/api/v1/account"), status, code)
    assert "secret" not in str(problem)


def test_nested_errors_are_named_by_their_path() -> None:
    detail = {
        "a": [{"b": [ErrorDetail("Wrong.", "x")]}],
        "non_field_errors": [ErrorDetail("All wrong.", "y")],
    }
    assert list(field_errors(detail)) == [
        {"field": "a.b", "code": "x", "message": "Wrong."},
        {"field": "body", "code": "y", "message": "All wrong."},
    ]
