"""What can be asked for, told so that a form can be made of it: whatever it allows is accepted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import PlanOverrides, User
from accounts.payments.money import price_of
from generation.api.ranges import longest_side
from generation.engine import Engine
from generation.params import SchedulerName
from tests.problems import refused_fields

URL = "/api/v1/capabilities"
UseEngine = Callable[[str], Engine]


@pytest.fixture
def shown(use_engine: UseEngine, as_alice: APIClient) -> dict[str, Any]:
    use_engine("Noise")
    answer = as_alice.get(URL)
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def quote(client: APIClient, **body: Any) -> Any:
    """Refused as the picture itself would be."""
    small = {
        "width": 64,
        "height": 64,
        "num_inference_steps": 2,
        "guidance_scale": 3,
        "output_format": "webp",
    }
    if "strength" in body:
        small |= {"num_inference_steps": 150}
    kind = "image-to-image" if "strength" in body else "text-to-image"
    return client.post("/api/v1/quote", {"prompt": "a boat", "request_type": kind} | small | body)


def test_it_works(shown: dict[str, Any]) -> None:
    assert shown["ranges"] == {
        "width": {"minimum": 64, "maximum": 2048, "step": 8, "default": 64},
        "height": {"minimum": 64, "maximum": 2048, "step": 8, "default": 64},
        "num_inference_steps": {"minimum": 1, "maximum": 150, "step": 1, "default": 2},
        "guidance_scale": {"minimum": 0.0, "maximum": 30.0, "step": 0.1, "default": 7.5},
        "strength": {"minimum": 0.01, "maximum": 1.0, "step": 0.01, "default": 0.75},
        "seed": {"minimum": 0, "maximum": 4294967295, "step": 1, "default": None},
        "num_images": {"minimum": 1, "maximum": 8, "step": 1, "default": 1},
        "quality": {"minimum": 1, "maximum": 100, "step": 1, "default": 90},
    }


@pytest.mark.parametrize(
    "field",
    [
        "width",
        "height",
        "num_inference_steps",
        "guidance_scale",
        "strength",
        "seed",
        "num_images",
        "quality",
    ],
)
def test_what_is_allowed_is_accepted_and_no_more(
    as_alice: APIClient, shown: dict[str, Any], field: str
) -> None:
    allowed = shown["ranges"][field]
    least, most, step = (allowed[name] for name in ("minimum", "maximum", "step"))
    for value in (least, least + step, most, allowed["default"]):
        answer = quote(as_alice, **{field: value})
        assert answer.status_code == 200, answer.content
    for value in (least - step, most + step):
        assert refused_fields(quote(as_alice, **{field: value})).keys() == {field}


def test_the_ranges_are_those_of_the_caller(
    alice: User, as_alice: APIClient, nobody: APIClient, use_engine: UseEngine
) -> None:
    use_engine("Noise")
    own = {"max_unfinished": 3, "rate_limit": 7, "retention_days": 30}
    PlanOverrides.objects.create(user=alice, max_pixels=8192, max_steps=20, max_images=2, **own)
    mine, theirs = as_alice.get(URL).json(), nobody.get(URL).json()
    maxima = [
        [told["ranges"][name]["maximum"] for name in ("width", "height", "num_inference_steps", "num_images")]
        for told in (mine, theirs)
    ]
    assert maxima == [[128, 128, 20, 2], [2048, 2048, 150, 8]]
    assert {name: mine["limits"][name] for name in own} == own
    assert theirs["limits"]["max_unfinished"] == 32
    assert quote(as_alice, width=128).status_code == 200
    assert refused_fields(quote(as_alice, width=136)).keys() == {"width"}


@pytest.mark.parametrize(
    ("max_pixels", "longest"), [(2**20, 2048), (4096, 64), (5000, 72), (1, 64), (64 * 2047, 2040)]
)
def test_the_longest_side_goes_with_the_shortest(max_pixels: int, longest: int) -> None:
    assert longest_side(max_pixels) == longest


def test_without_a_model_only_its_defaults_are_unknown(db: None, use_engine: UseEngine) -> None:
    use_engine("SlowToLoad")
    ranges = APIClient().get(URL).json()["ranges"]
    unknown = {name for name, allowed in ranges.items() if allowed["default"] is None}
    assert unknown == {"width", "height", "num_inference_steps", "guidance_scale", "seed"}
    assert ranges["width"]["maximum"] == 2048


def test_every_choice_is_told_in_words(shown: dict[str, Any]) -> None:
    names = [scheduler["name"] for scheduler in shown["schedulers"]]
    assert names == list(SchedulerName) == shown["models"][0]["schedulers"]
    titles = {scheduler["title"] for scheduler in shown["schedulers"]}
    assert len(titles) == len(names)
    assert all(scheduler["description"].endswith(".") for scheduler in shown["schedulers"])
    assert [one["name"] for one in shown["formats"]] == shown["output_formats"]
    assert shown["formats"][0] == {"name": "png", "media_type": "image/png", "takes_quality": False}


def test_the_price_of_a_picture_follows_from_it(as_alice: APIClient, shown: dict[str, Any]) -> None:
    model, pricing = shown["models"][0], shown["pricing"]
    width, height, steps, images = 136, 64, 99, 3
    credit = model["native_width"] * model["native_height"] * pricing["steps_per_credit"]
    cost = images * max(1, -(-width * height * steps // credit))
    asked = quote(as_alice, width=width, height=height, num_inference_steps=steps, num_images=images)
    assert asked.json()["cost"] == cost > images


def test_where_no_credits_are_sold(shown: dict[str, Any]) -> None:
    sale = ("credit_price", "currency", "currency_decimals")
    assert [shown["pricing"][name] for name in sale] == [None, None, None]
    assert shown["pricing"]["max_credits"] == 1_000_000


@pytest.mark.parametrize(
    ("price", "told"), [("2.5", "2.5"), ("100", "100"), ("1E+2", "100"), ("0.350", "0.35")]
)
def test_where_credits_are_sold(nobody: APIClient, settings: Settings, price: str, told: str) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = "set"
    settings.CREDIT_PRICE, settings.CURRENCY = Decimal(price), "eur"
    pricing = nobody.get(URL).json()["pricing"]
    assert (pricing["credit_price"], pricing["currency"], pricing["currency_decimals"]) == (told, "eur", 2)
    # As the schema says that it is reckoned.
    assert price_of(33) == max(1, int(Decimal(pricing["credit_price"]) * 33 + Decimal("0.5")))
