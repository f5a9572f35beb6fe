"""From a prompt to a picture over HTTP."""

import base64
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Quota, User
from generation.dispatch import get_exchange
from generation.engine import Engine
from generation.engine.ticket import Ticket
from generation.models import GeneratedImage, Generation, Status
from tests.generation.runners import Held
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
UseEngine = Callable[[str], Engine]


def draw(client: APIClient, **body: Any) -> Any:
    return client.post(URL, {"prompt": "a red house"} | body)


def used(user: User) -> int:
    return Quota.objects.current(user).used


def test_it_works(engine: Engine, as_alice: APIClient, alice: User) -> None:
    answer = draw(as_alice)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["status"], body["model"], body["progress"]) == ("succeeded", "tiny", 1.0)
    assert body["error"] is None
    (image,) = body["images"]
    content = base64.b64decode(image["image"], validate=True)
    picture = Image.open(BytesIO(content))
    assert (picture.format, picture.size) == ("PNG", (64, 64))
    assert (image["bytes"], image["seed"]) == (len(content), body["parameters"]["seed"])
    assert (body["cost"], body["quota"]["used"], used(alice)) == (1, 1, 1)
    row = Generation.objects.get(pk=body["id"])
    assert (row.status, row.request_id) == (Status.SUCCEEDED, answer["X-Request-Id"])
    assert row.images.get().file.read() == content


def test_what_is_left_out_is_the_models_own(engine: Engine, as_alice: APIClient) -> None:
    parameters = draw(as_alice).json()["parameters"]
    assert parameters.pop("seed") >= 0
    assert parameters == {
        "prompt": "a red house",
        "negative_prompt": "",
        "width": 64,
        "height": 64,
        "num_inference_steps": 2,
        "guidance_scale": 7.5,
        "scheduler": "ddim",
        "num_images": 1,
        "output_format": "png",
        "quality": None,
        "strength": None,
    }


def test_every_choice_is_taken(engine: Engine, as_alice: APIClient) -> None:
    now = timezone.now().replace(microsecond=0)
    wanted = {
        "prompt": "a red house",
        "negative_prompt": "fog",
        "width": 72,
        "height": 128,
        "num_inference_steps": 3,
        "guidance_scale": 1,
        "scheduler": "euler_ancestral",
        "seed": 5,
        "num_images": 2,
        "output_format": "webp",
        "quality": 50,
    }
    body = draw(
        as_alice, **wanted, request_type="text-to-image", request_time=f"{now:%Y-%m-%dT%H:%M:%SZ}"
    ).json()
    assert body["parameters"] == wanted | {"strength": None}
    assert body["request_time"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"
    assert [image["seed"] for image in body["images"]] == [5, 6]
    sizes = {Image.open(BytesIO(base64.b64decode(image["image"]))).size for image in body["images"]}
    assert sizes == {(72, 128)}
    assert body["cost"] == 2


def pixels(answer: Any) -> bytes:
    """Of the first picture. Its file also tells of its generation, and so is no other's."""
    content = base64.b64decode(answer.json()["images"][0]["image"])
    return Image.open(BytesIO(content)).tobytes()


def test_the_same_seed_gives_the_same_pixels(engine: Engine, as_alice: APIClient) -> None:
    first, again, other = (pixels(draw(as_alice, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_seed_that_is_reported_gives_the_picture_again(engine: Engine, as_alice: APIClient) -> None:
    first = draw(as_alice, seed=None)
    again = draw(as_alice, seed=first.json()["parameters"]["seed"])
    assert pixels(first) == pixels(again)


@pytest.mark.parametrize(("output_format", "name"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_every_format_comes(engine: Engine, as_alice: APIClient, output_format: str, name: str) -> None:
    (image,) = draw(as_alice, output_format=output_format).json()["images"]
    assert image["format"] == output_format
    assert Image.open(BytesIO(base64.b64decode(image["image"]))).format == name


def test_with_images_url_only_the_address_comes(engine: Engine, as_alice: APIClient) -> None:
    (image,) = as_alice.post(f"{URL}?images=url", {"prompt": "a red house"}).json()["images"]
    assert image["image"] is None
    assert as_alice.get(image["url"]).status_code == 200


def test_the_prompt_is_trimmed(engine: Engine, as_alice: APIClient) -> None:
    assert draw(as_alice, prompt="  a boat \n").json()["parameters"]["prompt"] == "a boat"


def test_more_pixels_and_steps_cost_more(engine: Engine, as_alice: APIClient, alice: User) -> None:
    assert draw(as_alice, width=128, height=128, num_inference_steps=20).json()["cost"] == 2
    assert used(alice) == 2


def test_without_credits_nothing_is_drawn(engine: Engine, as_alice: APIClient, alice: User) -> None:
    Quota.objects.current(alice)
    Quota.objects.update(used=99)
    answer = draw(as_alice, num_images=2)
    assert answer.status_code == 402
    body = answer.json()
    assert (body["code"], body["remaining"], body["cost"]) == ("quota_exhausted", 1, 2)
    assert not Generation.objects.exists()
    assert used(alice) == 99


def test_a_stranger_draws_nothing(db: None, engine: Engine) -> None:
    answer = draw(APIClient())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("executor", "reason"),
    [("Exploding", "engine_error"), ("Full", "out_of_memory"), ("Blank", "invalid_output")],
)
def test_a_failure_is_refunded_and_told(
    use_engine: UseEngine, as_alice: APIClient, alice: User, executor: str, reason: str
) -> None:
    use_engine(executor)
    answer = draw(as_alice)
    body = answer.json()
    assert (answer.status_code, body["code"], body["reason"]) == (500, "generation_failed", reason)
    assert "secret" not in answer.content.decode()
    row = Generation.objects.get()
    assert (row.status, row.error_reason, row.cost, used(alice)) == (Status.FAILED, reason, 0, 0)
    shown = as_alice.get(f"/api/v1/generations/{row.id}").json()
    assert (shown["status"], shown["images"], shown["cost"]) == ("failed", [], 0)
    assert shown["error"] == {**body, "request_id": answer["X-Request-Id"]}


def test_while_the_model_is_loading_nothing_is_charged(
    use_engine: UseEngine, as_alice: APIClient, alice: User
) -> None:
    use_engine("SlowToLoad")
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (503, "model_loading")
    assert int(answer["Retry-After"]) > 0
    assert not Generation.objects.exists()
    assert used(alice) == 0
    assert draw(as_alice, width=65).status_code == 400


def test_an_engine_that_failed_is_told(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Refused")
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert "Retry-After" in answer
    assert not Generation.objects.exists()


def test_an_engine_that_is_stopped_meanwhile_hands_back(
    use_engine: UseEngine, as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = use_engine("Held")
    take = engine.submit

    def take_and_stop(*arguments: Any, **options: Any) -> Ticket:
        ticket = take(*arguments, **options)
        engine.stop()
        get_exchange().close()
        return ticket

    monkeypatch.setattr(engine, "submit", take_and_stop)
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert (Generation.objects.get().attempts, used(alice)) == (0, 1)


def test_what_takes_too_long_is_given_up(
    use_engine: UseEngine, as_alice: APIClient, alice: User, settings: Settings
) -> None:
    engine = use_engine("Held")
    settings.GENERATION_TIMEOUT = 0.2
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (504, "generation_timeout")
    assert (Generation.objects.get().error_code, used(alice)) == ("generation_timeout", 0)
    Held.go.set()
    settings.GENERATION_TIMEOUT = 10
    assert draw(as_alice).status_code == 200
    assert engine.waiting == 0


def test_a_full_queue_is_told(
    use_engine: UseEngine, as_alice: APIClient, submit: Callable[..., Generation], settings: Settings
) -> None:
    use_engine("Noise")
    settings.QUEUE_LIMIT = 1
    submit()
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
    assert int(answer["Retry-After"]) > 0


def test_without_room_nothing_is_drawn(
    use_engine: UseEngine, as_alice: APIClient, settings: Settings
) -> None:
    use_engine("Exploding")
    settings.STORAGE_RESERVE_BYTES = 2**62
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert not Generation.objects.exists()


def test_a_disk_that_fills_up_meanwhile_refunds(
    use_engine: UseEngine, as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine("Noise")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generation.pictures.storage.os.fsync", full)
    answer = draw(as_alice)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert (Generation.objects.get().status, used(alice)) == (Status.FAILED, 0)
    assert not GeneratedImage.objects.exists()


def test_a_mistake_of_ours_is_refunded(
    use_engine: UseEngine, as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine("Noise")
    monkeypatch.setattr("generation.work.painting.encode", None)
    answer = draw(as_alice)
    assert problem_of(answer, 500, "generation_failed")["reason"] == "internal_error"
    assert (Generation.objects.get().error_reason, used(alice)) == ("internal_error", 0)


def test_the_time_of_request_must_be_near(engine: Engine, as_alice: APIClient) -> None:
    for hours in (-25, 25):
        answer = draw(as_alice, request_time=(timezone.now() + timedelta(hours=hours)).isoformat())
        assert answer.json()["errors"][0]["field"] == "request_time"
