"""The pages that people see instead of the one they asked for."""

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import User
from sdsite.studio.views import Page

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def heading(answer: HttpResponseBase) -> str:
    (text,) = re.findall(r"<h1>(.*)</h1>", answer.getvalue().decode())
    return str(text)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The first page raises what the test says."""

    def get(*_: Any) -> None:
        raise request.param

    monkeypatch.setattr(Page, "get", get)


def test_it_works(client: Client, db: None) -> None:
    answer = client.get("/nothing", headers=PAGE)
    assert (answer.status_code, heading(answer)) == (404, "There is nothing at this address")
    assert answer["X-Request-Id"] in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize(
    ("broken", "status", "title"),
    [
        (SuspiciousOperation("secret"), 400, "This request cannot be understood"),
        (PermissionDenied("secret"), 403, "This page is not for your account"),
        (ZeroDivisionError("secret"), 500, "Something went wrong on our side"),
    ],
    indirect=["broken"],
)
def test_what_a_page_may_raise(db: None, broken: None, status: int, title: str) -> None:
    answer = Client(raise_request_exception=False).get("/", headers=PAGE)
    assert (answer.status_code, heading(answer)) == (status, title)
    assert answer["X-Request-Id"] in answer.content.decode()
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("broken", [ZeroDivisionError()], indirect=True)
def test_a_mistake_asks_the_database_nothing(
    alice: User, broken: None, django_assert_num_queries: Any
) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    with django_assert_num_queries(0):
        answer = browser.get("/", headers=PAGE)
    assert "csrfmiddlewaretoken" not in answer.content.decode()


def test_an_unknown_host(client: Client, db: None) -> None:
    answer = client.get("/", headers=PAGE | {"host": "evil.example"})
    assert (answer.status_code, heading(answer)) == (400, "This request cannot be understood")


def test_a_form_without_its_token(db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/session/", {"email": "alice@example.com"}, headers=PAGE)
    assert (answer.status_code, heading(answer)) == (403, "This form could not be taken")
    assert browser.post("/session/").json()["code"] == "permission_denied"


def test_who_is_signed_in_still_is(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "Sign out" in client.get("/nothing", headers=PAGE).content.decode()
