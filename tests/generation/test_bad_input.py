"""What the generator refuses: each with the field named, nothing stored, nothing charged."""

from time import thread_time
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import Quota, User
from generation.engine import Engine
from generation.models import Generation

URL = "/api/v1/text-to-image-generator"
SECONDS = 0.1

WRONG_VALUES: dict[str, list[Any]] = {
    "prompt": ["", "   ", None, 5, True, [], {}, ["a"], "x" * 2001, "x" * 10**6],
    "negative_prompt": [None, 5, "x" * 2001],
    "request_time": [5, None, "yesterday", "2020-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"],
    "request_type": ["inpainting", "", 1, None, ["text-to-image"], {}],
    "width": [0, -64, 65, 63, 2056, 10**19, 64.5, 64.0, "64", True, None, [64], {}],
    "height": [0, 68, 4096, "large", None],
    "num_inference_steps": [0, -1, 151, 2**63, 1.5, 2.0, "20", True, None],
    "guidance_scale": [-0.1, 30.1, 10**19, -1e308, "7", True, None, []],
    "scheduler": ["magic", "", "DDIM", 5, None, ["ddim"], {"name": "ddim"}],
    "seed": [-1, 2**32, 2**63, 1.5, 7.0, "7", True, []],
    "num_images": [0, 9, -1, 1.0, "1", None],
    "output_format": ["gif", "PNG", "", 1, None],
    "quality": [0, 101, 90.0, "90", None],
    "image": ["aGVsbG8="],
    "mask": ["aGVsbG8="],
    "strength": [0.5],
    "steps": [20],
    "x" * 300: [1],
}
WRONG_FIELDS = [(field, value) for field, values in WRONG_VALUES.items() for value in values]

WRONG_BODIES = [
    (b"", 400, "invalid_request", "prompt"),
    (b"{", 400, "malformed_json", None),
    (b"{'prompt': 'a'}", 400, "malformed_json", None),
    (b'{"prompt": "a",}', 400, "malformed_json", None),
    (b'{"prompt": "a"} {}', 400, "malformed_json", None),
    (b"[]", 400, "invalid_request", None),
    (b"null", 400, "invalid_request", None),
    (b'"a red house"', 400, "invalid_request", None),
    (b"5", 400, "invalid_request", None),
    (b"[" * 100_000, 400, "malformed_json", None),
    (b'{"a":' * 100_000, 400, "malformed_json", None),
    (b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed_json", None),
    (b'{"prompt": "\\ud800"}', 400, "invalid_request", "prompt"),
    (b'{"prompt": "a", "negative_prompt": "x\\udfff"}', 400, "invalid_request", "negative_prompt"),
    (b'{"prompt": "a\\u0000b"}', 400, "invalid_request", "prompt"),
    (b'{"prompt": "a", "scheduler": "\\ud800"}', 400, "invalid_request", "scheduler"),
    (b'{"prompt": "\xff"}', 400, "malformed_json", None),
    (b'{"prompt": "a", "guidance_scale": NaN}', 400, "invalid_request", "guidance_scale"),
    (b'{"prompt": "a", "guidance_scale": Infinity}', 400, "invalid_request", "guidance_scale"),
    (b'{"prompt": "a", "guidance_scale": 1e400}', 400, "invalid_request", "guidance_scale"),
    (b'{"prompt": "a", "guidance_scale": 1' + b"0" * 400 + b"}", 400, "invalid_request", "guidance_scale"),
    (b'{"prompt": "a", "seed": 1' + b"0" * 5000 + b"}", 400, "invalid_request", "seed"),
    (b'{"prompt": "a", "width": -1' + b"0" * 5000 + b"}", 400, "invalid_request", "width"),
    (b'{"prompt": "a", "prompt": "b"}', 400, "invalid_request", "prompt"),
    (b'{"prompt": "a", "\\ud800": 1}', 400, "invalid_request", "\N{REPLACEMENT CHARACTER}"),
    (b'{"prompt": "' + b"a" * settings.MAX_BODY_BYTES + b'"}', 413, "payload_too_large", None),
]


@pytest.fixture(autouse=True)
def _nothing_happened(engine: Engine, alice: User) -> Any:
    yield
    assert not Generation.objects.exists()
    assert Quota.objects.current(alice).used == 0


def timed(client: APIClient, *args: Any, **kwargs: Any) -> Any:
    """Post, and see that the refusal is quick; in processor time, for the machine may be busy."""
    start = thread_time()
    answer = client.post(*args, **kwargs)
    assert thread_time() - start < SECONDS
    return answer


def assert_problem(answer: Any, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status), body
    assert answer["Content-Type"] == "application/problem+json"
    assert body["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize(("field", "value"), WRONG_FIELDS)
def test_a_wrong_field_is_named(as_alice: APIClient, field: str, value: Any) -> None:
    answer = timed(as_alice, URL, {"prompt": "a red house"} | {field: value})
    assert_problem(answer, 400, "invalid_request")
    assert {error["field"] for error in answer.json()["errors"]} == {field[:64]}


@pytest.mark.parametrize(("body", "status", "code", "field"), WRONG_BODIES)
def test_a_wrong_body_is_refused(
    as_alice: APIClient, body: bytes, status: int, code: str, field: str | None
) -> None:
    answer = timed(as_alice, URL, body, content_type="application/json")
    assert_problem(answer, status, code)
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_every_wrong_field_is_named_at_once(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "", "width": 65, "nickname": 1})
    assert {error["field"] for error in answer.json()["errors"]} == {"prompt", "width", "nickname"}


def test_more_pixels_than_the_account_may_ask_for(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "a", "width": 2048, "height": 2048})
    assert_problem(answer, 400, "invalid_request")
    assert answer.json()["errors"][0]["code"] == "max_pixels"


def test_quality_is_not_for_png(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "a", "quality": 50})
    assert answer.json()["errors"][0]["field"] == "quality"


def test_the_last_image_needs_a_seed_too(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "a", "seed": 2**32 - 1, "num_images": 2})
    assert answer.json()["errors"][0]["field"] == "seed"


def test_what_the_scheduler_cannot_do_is_refused(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "a", "scheduler": "lcm", "num_inference_steps": 51})
    assert answer.json()["errors"][0]["field"] == "scheduler"


@pytest.mark.parametrize("query", ["images=inline", "images=", "pictures=url"])
def test_a_wrong_query_is_refused(as_alice: APIClient, query: str) -> None:
    assert_problem(timed(as_alice, f"{URL}?{query}", {"prompt": "a"}), 400, "invalid_request")


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_wrong_method_is_refused(as_alice: APIClient, method: str) -> None:
    answer = getattr(as_alice, method)(URL)
    assert_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
def test_a_wrong_content_type_is_refused(as_alice: APIClient, content_type: str) -> None:
    answer = timed(as_alice, URL, b'{"prompt": "a"}', content_type=content_type)
    assert_problem(answer, 415, "unsupported_media_type")


def test_a_form_is_refused(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, b"--x--", content_type="multipart/form-data; boundary=x")
    assert_problem(answer, 415, "unsupported_media_type")


def test_another_answer_than_json_cannot_be_had(as_alice: APIClient) -> None:
    answer = timed(as_alice, URL, {"prompt": "a"}, headers={"Accept": "application/xml"})
    assert_problem(answer, 406, "not_acceptable")
