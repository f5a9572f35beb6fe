"""What a picture would cost, and that it then does."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, LedgerEntry, PlanOverrides, Quota, Scope, User
from generation.api.examples import EXAMPLE_IMAGE, EXAMPLE_MASK
from generation.engine import Engine
from generation.models import Generation
from tests.problems import problem_of, refused_fields

URL = "/api/v1/quote"
UseEngine = Callable[[str], Engine]
PATHS = {
    "text-to-image": "text-to-image-generator",
    "image-to-image": "image-manipulator1",
    "inpainting": "image-manipulator2",
}
PICTURES: dict[str, dict[str, str]] = {
    "text-to-image": {},
    "image-to-image": {"image": EXAMPLE_IMAGE},
    "inpainting": {"image": EXAMPLE_IMAGE, "mask": EXAMPLE_MASK},
}


@pytest.fixture(autouse=True)
def fake(use_engine: UseEngine) -> Engine:
    """An engine whose native size is 64 x 64, at 2 steps."""
    return use_engine("Noise")


@pytest.fixture
def quota(alice: User) -> Quota:
    return Quota.objects.current(alice)


def test_it_works(as_alice: APIClient) -> None:
    answer = as_alice.post(URL, {"width": 128, "num_images": 3})
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "cost": 3,
        "remaining": 100,
        "affordable": True,
        "from_allowance": 3,
        "from_balance": 0,
        "queue_position": 1,
        "estimated_seconds": None,
    }


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"num_images": 3, "num_inference_steps": 2},
        {"width": 128, "height": 72, "num_inference_steps": 50},
        {"width": 64, "height": 128, "num_inference_steps": 26, "num_images": 2},
        {"num_inference_steps": 101, "seed": 7, "output_format": "webp", "quality": 10},
        {"num_inference_steps": 150, "strength": 0.34},
        {"width": 128, "height": 128, "num_inference_steps": 33, "strength": 0.99, "num_images": 2},
    ],
)
def test_it_is_what_is_then_charged(
    as_alice: APIClient, quota: Quota, kind: str, shape: dict[str, Any]
) -> None:
    Quota.objects.filter(pk=quota.pk).update(limit=1, balance=10**6)
    if kind == "text-to-image":
        shape = {name: value for name, value in shape.items() if name != "strength"}
    quote = as_alice.post(URL, shape | {"request_type": kind}).json()
    drawn = as_alice.post(f"/api/v1/{PATHS[kind]}", {"prompt": "a"} | shape | PICTURES[kind])
    assert drawn.status_code == 200, drawn.content
    generation = Generation.objects.get()
    assert quote["cost"] == generation.cost
    assert quote["from_allowance"] == generation.from_allowance == 1
    assert quote["from_balance"] == generation.from_balance
    assert quote["remaining"] - quote["cost"] == as_alice.post(URL).json()["remaining"]


def test_the_body_of_a_drawing_is_taken_as_it_is(as_alice: APIClient) -> None:
    body = {"prompt": "a red house", "negative_prompt": "fog", "scheduler": "euler", "guidance_scale": 1}
    assert as_alice.post(URL, body).status_code == 200


def test_nothing_is_kept_or_charged(as_alice: APIClient, quota: Quota) -> None:
    for _ in range(3):
        as_alice.post(URL, {"num_images": 8})
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert (Quota.objects.get().used, Quota.objects.get().balance) == (0, 0)


def test_what_cannot_be_paid_is_told(as_alice: APIClient, quota: Quota) -> None:
    Quota.objects.filter(pk=quota.pk).update(limit=2, used=1)
    quote = as_alice.post(URL, {"num_images": 2}).json()
    assert (quote["cost"], quote["remaining"], quote["affordable"]) == (2, 1, False)
    assert (quote["from_allowance"], quote["from_balance"]) == (0, 0)


def test_the_cap_of_the_token_counts(alice: User) -> None:
    token, secret = AuthToken.objects.give(alice, "job", credit_cap=5)
    token.spend(4)
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    quote = client.post(URL, {"num_images": 2}).json()
    assert (quote["remaining"], quote["affordable"]) == (1, False)
    assert client.post(URL).json()["affordable"]


def test_reading_is_enough(alice: User) -> None:
    _, reading = AuthToken.objects.give(alice, "job", [Scope.READ])
    _, drawing = AuthToken.objects.give(alice, "job", [Scope.GENERATE])
    assert APIClient(headers={"Authorization": f"Bearer {reading}"}).post(URL).status_code == 200
    refused = APIClient(headers={"Authorization": f"Bearer {drawing}"}).post(URL)
    problem_of(refused, 403, "permission_denied")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"width": 100}, {"width": "not_multiple"}),
        ({"width": 128}, {"width": "max_pixels"}),
        ({"num_inference_steps": 60, "num_images": 5}, {"num_images": "max_images"}),
        ({"num_images": "2"}, {"num_images": "invalid"}),
        ({"quality": 50}, {"quality": "not_applicable"}),
        ({"strength": 0.5}, {"strength": "not_applicable"}),
        ({"request_type": "inpainting", "strength": 0.01}, {"strength": "invalid"}),
        ({"request_type": "collage"}, {"request_type": "invalid_choice"}),
        ({"image": EXAMPLE_IMAGE}, {"image": "unknown_field"}),
        ({"seed": 2**32 - 1, "num_images": 2}, {"seed": "invalid"}),
        ({"prompt": ""}, {"prompt": "blank"}),
    ],
)
def test_what_would_be_refused_is_refused(
    as_alice: APIClient, alice: User, body: dict[str, Any], fields: dict[str, str]
) -> None:
    PlanOverrides.objects.create(user=alice, max_pixels=64 * 64, max_images=4)
    assert refused_fields(as_alice.post(URL, body)) == fields


def test_without_a_model_there_is_no_price(as_alice: APIClient, use_engine: UseEngine) -> None:
    use_engine("SlowToLoad")
    answer = as_alice.post(URL)
    problem_of(answer, 503, "model_loading")
    assert int(answer["Retry-After"]) > 0
