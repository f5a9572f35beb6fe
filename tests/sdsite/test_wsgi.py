from io import BytesIO
from typing import Any

import pytest

from sdsite.wsgi import MeasuredBody


@pytest.fixture
def seen() -> dict[str, Any]:
    return {}


@pytest.fixture
def application(seen: dict[str, Any]) -> MeasuredBody:
    def inner(environ: dict[str, Any], start_response: object) -> list[bytes]:
        seen.update(environ)
        return []

    return MeasuredBody(inner)


def test_a_chunked_body_gets_its_length(application: MeasuredBody, seen: dict[str, Any]) -> None:
    application({"wsgi.input_terminated": True, "wsgi.input": BytesIO(b"{}")}, lambda *_: None)
    assert seen["CONTENT_LENGTH"] == "2"
    assert seen["wsgi.input"].read() == b"{}"


def test_of_an_endless_body_one_byte_more_than_the_limit_is_read(
    application: MeasuredBody, seen: dict[str, Any], settings: Any
) -> None:
    settings.MAX_BODY_BYTES = 10
    body = BytesIO(b"x" * 1000)
    application({"wsgi.input_terminated": True, "wsgi.input": body}, lambda *_: None)
    assert seen["CONTENT_LENGTH"] == "11"
    assert body.tell() == 11


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "2", "wsgi.input_terminated": True}, {}])
def test_any_other_body_is_left_alone(
    application: MeasuredBody, seen: dict[str, Any], environ: dict[str, Any]
) -> None:
    body = BytesIO(b"{}")
    application(environ | {"wsgi.input": body}, lambda *_: None)
    assert seen["wsgi.input"] is body
