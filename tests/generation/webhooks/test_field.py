"""The field of a request: what it takes, and how it is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from generation.api.examples import EXAMPLE_IMAGE, EXAMPLE_MASK
from generation.engine import Engine
from generation.models import Generation, Webhook
from tests.problems import problem_of, refused_fields

BODIES: dict[str, dict[str, Any]] = {
    "text-to-image-generator": {},
    "image-manipulator1": {"image": EXAMPLE_IMAGE},
    "image-manipulator2": {"image": EXAMPLE_IMAGE, "mask": EXAMPLE_MASK},
}
TEXT = "/api/v1/text-to-image-generator"
URL = "https://hooks.example/pictures?key=receivers-own-key"


@pytest.fixture(autouse=True)
def fake(use_engine: Callable[[str], Engine]) -> Engine:
    return use_engine("Noise")


@pytest.mark.parametrize("path", BODIES)
def test_it_works(as_alice: APIClient, path: str) -> None:
    body = {"prompt": "a red house", "webhook": {"url": URL}} | BODIES[path]
    assert as_alice.post(f"/api/v1/{path}", body).status_code == 200
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.site) == (URL, "http://testserver/")
    assert webhook.events == ["generation.succeeded", "generation.failed", "generation.canceled"]


def test_events_are_kept_once_and_in_order(as_alice: APIClient) -> None:
    events = ["generation.failed", "generation.started", "generation.failed"]
    as_alice.post(TEXT, {"prompt": "a", "webhook": {"url": URL, "events": events}})
    assert Webhook.objects.get().events == ["generation.started", "generation.failed"]


def test_a_quote_takes_the_same_body(as_alice: APIClient) -> None:
    assert as_alice.post("/api/v1/quote", {"webhook": {"url": URL}}).status_code == 200
    refused = as_alice.post("/api/v1/quote", {"webhook": {"url": "http://hooks.example/"}})
    assert refused_fields(refused) == {"webhook.url": "https_required"}
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("webhook", "fields"),
    [
        (URL, {"webhook": "invalid"}),
        ([], {"webhook": "invalid"}),
        (None, {"webhook": "null"}),
        ({}, {"webhook.url": "required"}),
        ({"url": 5}, {"webhook.url": "invalid"}),
        ({"url": ""}, {"webhook.url": "blank"}),
        ({"url": "hooks.example"}, {"webhook.url": "invalid"}),
        ({"url": "http://hooks.example/"}, {"webhook.url": "https_required"}),
        ({"url": "https://10.0.0.1/"}, {"webhook.url": "not_public"}),
        ({"url": "https://localhost/"}, {"webhook.url": "not_public"}),
        ({"url": f"https://hooks.example/{'a' * 2048}"}, {"webhook.url": "max_length"}),
        ({"url": URL, "secret": "x"}, {"webhook.secret": "unknown_field"}),
        ({"url": URL, "events": []}, {"webhook.events": "min_length"}),
        ({"url": URL, "events": "generation.failed"}, {"webhook.events": "not_a_list"}),
        ({"url": URL, "events": ["generation.lost"]}, {"webhook.events.0": "invalid_choice"}),
        ({"url": URL, "events": ["generation.failed"] * 5}, {"webhook.events": "max_length"}),
    ],
)
def test_what_is_refused(as_alice: APIClient, webhook: Any, fields: dict[str, str]) -> None:
    assert refused_fields(as_alice.post(TEXT, {"prompt": "a", "webhook": webhook})) == fields
    assert not Generation.objects.exists()


def test_a_refusal_says_what_to_do_and_does_not_repeat_the_address(as_alice: APIClient) -> None:
    answer = as_alice.post(
        TEXT, {"prompt": "a", "webhook": {"url": "https://10.0.0.1/?key=receivers-own-key"}}
    )
    (error,) = problem_of(answer, 400, "invalid_request")["errors"]
    assert error["message"] == "This address is not on the public Internet."
    assert "receivers-own-key" not in answer.content.decode()
