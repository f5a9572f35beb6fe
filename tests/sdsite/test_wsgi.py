from io import BytesIO
from typing import Any

import pytest

from sdsite.wsgi import MeasuredBody, ReadBody


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


@pytest.mark.parametrize(("proxies", "left"), [(0, 1000), (1, 0)])
def test_what_a_refusal_leaves_unread_is_read_for_a_proxy(settings: Any, proxies: int, left: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    body = BytesIO(b"x" * 1000)
    assert ReadBody(lambda *_: [b"refused"])({"wsgi.input": body}, lambda *_: None) == [b"refused"]
    assert len(body.read()) == left


def test_of_an_endless_body_no_more_is_read_than_may_be_sent(settings: Any) -> None:
    settings.TRUSTED_PROXIES, settings.MAX_IMAGE_BODY_BYTES = 1, 10
    body = BytesIO(b"x" * 1000)
    ReadBody(lambda *_: [])({"wsgi.input": body}, lambda *_: None)
    assert body.tell() == 10
