"""Whatever is sent to the open doors: a problem that names the field, soon, and nothing stored."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from accounts.models import AuthToken, Quota, User
from tests.problems import problem_of, refused_fields

URLS = ["/api/v1/register", "/api/v1/login"]
LONGEST_SECONDS = 0.1

Send = Callable[..., HttpResponse]


@pytest.fixture(params=URLS)
def send(request: pytest.FixtureRequest, nobody: APIClient) -> Send:
    """Sends a body to one of the open doors, and checks that it did not take long and left nothing behind."""
    nobody.get("/api/v1/account")

    def post(body: Any, content_type: str = "application/json", **headers: Any) -> HttpResponse:
        started = time.thread_time()
        response = nobody.generic("POST", request.param, body, content_type, **headers)
        assert time.thread_time() - started < LONGEST_SECONDS
        assert not any(table.objects.exists() for table in (User, AuthToken, Quota))
        return response

    return post


def body_with(field: str, value: str) -> str:
    fields = {"email": '"dave@example.com"', "password": '"correct horse battery staple"'}
    members = [f'"{name}": {text}' for name, text in (fields | {field: value}).items()]
    return f"{{{', '.join(members)}}}"


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize(
    "value",
    [
        "5",
        "1.0",
        "true",
        "null",
        "[]",
        "{}",
        '["dave@example.com"]',
        '{"a": 1}',
        '""',
        '"a\\u0000b@example.com"',
        '"\\ud800"',
        '"\\udfff@example.com"',
        "NaN",
        "-Infinity",
        "1e400",
        "9" * 30,
        "9" * 5000,
        '"' + "x" * 5000 + '"',
    ],
)
def test_a_wrong_value_is_refused_by_its_field(send: Send, field: str, value: str) -> None:
    assert field in refused_fields(send(body_with(field, value)))


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_missing_field(send: Send, field: str) -> None:
    other = {"email": "password", "password": "email"}[field]
    assert refused_fields(send(f'{{"{other}": "dave@example.com"}}')) == {field: "required"}


def test_all_mistakes_are_told_at_once(send: Send) -> None:
    fields = refused_fields(send('{"email": "no address", "colour": "red"}'))
    assert fields == {"email": "invalid", "password": "required", "colour": "unknown_field"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("colour", "colour"), ("", "body"), ("é", "é"), ("x" * 1000, "x" * 64), ("__proto__", "__proto__")],
)
def test_an_unknown_field(send: Send, name: str, shown: str) -> None:
    assert refused_fields(send(body_with(name, "1"))) == {shown: "unknown_field"}


def test_ten_thousand_unknown_fields_do_not_make_a_long_answer(send: Send) -> None:
    body = "{" + ", ".join(f'"field{number}": 1' for number in range(10_000)) + "}"
    assert len(send(body).content) < 5000


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "email\\udfff"])
def test_a_name_that_cannot_be_shown(send: Send, name: str) -> None:
    (field,) = refused_fields(send(body_with(name, "1")))
    assert "\N{REPLACEMENT CHARACTER}" in field


def test_a_field_given_twice(send: Send) -> None:
    assert refused_fields(send('{"email": "a@example.com", "email": "b@example.com"}')) == {
        "email": "duplicate"
    }


@pytest.mark.parametrize("body", ["[]", "5", '"text"', "null", "true", "[{}]"])
def test_a_body_that_is_no_object(send: Send, body: str) -> None:
    assert "body" in refused_fields(send(body))


@pytest.mark.parametrize("body", ["", "{}"])
def test_an_empty_body(send: Send, body: str) -> None:
    assert refused_fields(send(body)) == {"email": "required", "password": "required"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"email": }',
        b"{'email': 1}",
        b'{"email": "a@example.com",}',
        b'{"email": "unfinished',
        b'{"email": "a\x00b"}',
        b'{"email": "\xff"}',
        b'\xef\xbb\xbf{"email": "a"}',
        '{"email": "a"}'.encode("utf-16"),
        b"{}{}",
        b"nul",
        b"\x00",
        b"]" * 100_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"email":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'"' + b"\\" * 200_001,
    ],
    ids=range(17),
)
def test_broken_json(send: Send, body: bytes) -> None:
    problem_of(send(body), 400, "malformed_json")


def test_brackets_in_a_string_are_not_depth(send: Send) -> None:
    assert "email" in refused_fields(send(body_with("email", '"' + "[" * 100 + '\\""')))


@pytest.mark.parametrize("size", [2**20 + 1, 2**24])
def test_a_body_over_the_limit(send: Send, size: int) -> None:
    problem_of(send(b" " * size), 413, "payload_too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/xml",
        "nonsense",
        "application/" + "x" * 5000,
    ],
)
def test_another_content_type(send: Send, content_type: str) -> None:
    problem_of(send("{}", content_type), 415, "unsupported_media_type")


def test_an_answer_that_cannot_be_given(send: Send) -> None:
    problem_of(send("{}", HTTP_ACCEPT="image/png"), 406, "not_acceptable")


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method(nobody: APIClient, url: str, method: str) -> None:
    response = nobody.generic(method, url)
    problem_of(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]
