"""From a picture to a picture over HTTP: image-to-image and inpainting."""

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Quota, User
from generation.api import uploads
from generation.engine import Engine
from generation.models import Generation, Status
from generation.params import RequestType
from generation.pictures.guard import SourceImage
from generation.pictures.storage import pictures
from tests.generation.pictures import animation, file_of, png, scene, text_of

TRANSFORM = "/api/v1/image-manipulator1"
INPAINT = "/api/v1/image-manipulator2"
GOOD = text_of(file_of(scene()))
UseEngine = Callable[[str], Engine]


def body(**changes: Any) -> dict[str, Any]:
    return {"prompt": "a red house", "image": GOOD, "num_inference_steps": 4} | changes


def stored(generation: Generation) -> set[str]:
    """The names of all files of a generation."""
    folder = Path(pictures().path(generation.folder.input_path("image"))).parent
    return {path.name for path in folder.glob("*")}


def refused(answer: Any, code: str) -> dict[str, str]:
    """The fields that are named in a refusal, each with its code."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code), problem
    assert not Generation.objects.exists()
    return {error["field"]: error["code"] for error in problem["errors"]}


def test_a_picture_is_reworked(engine: Engine, as_alice: APIClient, alice: User) -> None:
    answer = as_alice.post(TRANSFORM, body())
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert (shown["request_type"], shown["parameters"]["strength"]) == ("image-to-image", 0.75)
    assert Image.open(BytesIO(base64.b64decode(shown["images"][0]["image"]))).size == (64, 64)
    assert (shown["cost"], Quota.objects.current(alice).used) == (1, 1)


def test_a_part_is_painted_anew(engine: Engine, as_alice: APIClient) -> None:
    answer = as_alice.post(INPAINT, body(mask=GOOD, strength=1, width=72, height=128, seed=5))
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert (shown["request_type"], shown["parameters"]["strength"]) == ("inpainting", 1.0)
    assert Image.open(BytesIO(base64.b64decode(shown["images"][0]["image"]))).size == (72, 128)


def test_what_was_sent_is_kept_as_it_is_drawn_from(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    assert as_alice.post(INPAINT, body(mask=GOOD)).status_code == 200
    generation = Generation.objects.get()
    params, source = generation.params, SourceImage(file_of(scene()))
    assert (params.request_type, params.strength) == (RequestType.INPAINTING, 0.75)
    assert params.image == source.rgb(64, 64)
    assert params.mask == source.mask(64, 64, of=source.size)
    drawn = Path(str(generation.images.get().file.name)).name
    assert stored(generation) == {"image.png", "mask.png", drawn}


def test_data_uris_are_taken(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    uri = f"data:image/webp;base64,{text_of(file_of(scene(), 'WEBP'))}"
    assert as_alice.post(INPAINT, body(image=uri, mask=uri)).status_code == 200


def test_a_failure_leaves_no_files(
    use_engine: UseEngine, as_alice: APIClient, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    use_engine("Exploding")
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_alice.post(INPAINT, body(mask=GOOD))
    assert (answer.status_code, answer.json()["instance"]) == (500, INPAINT)
    generation = Generation.objects.get()
    assert (generation.status, stored(generation)) == (Status.FAILED, set())
    assert Quota.objects.current(alice).used == 0
    assert as_alice.get(f"/api/v1/generations/{generation.pk}").json()["error"]["instance"] == INPAINT


def test_what_is_not_accepted_leaves_no_files(
    use_engine: UseEngine, as_alice: APIClient, alice: User
) -> None:
    use_engine("Noise")
    Quota.objects.current(alice)
    Quota.objects.update(used=100)
    before = {path for path in Path(pictures().path("")).rglob("*") if path.is_file()}
    assert as_alice.post(TRANSFORM, body()).status_code == 402
    assert {path for path in Path(pictures().path("")).rglob("*") if path.is_file()} == before


def test_a_disk_without_room_is_told(
    use_engine: UseEngine, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine("Noise")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generation.pictures.storage.os.fsync", full)
    answer = as_alice.post(TRANSFORM, body())
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert not Generation.objects.exists()


@pytest.mark.parametrize("field", ["image", "mask"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "unreadable"),
        ("no base64!", "not_base64"),
        (GOOD + "\n", "not_base64"),
        (f"data:image/jpeg;base64,{GOOD}", "wrong_media_type"),
        (text_of(b"GIF89a"), "unreadable"),
        (text_of(animation("WEBP")), "animated"),
        (text_of(png(5000, 5000)), "too_many_pixels"),
        (GOOD[:80], "unreadable"),
    ],
)
def test_what_is_no_picture_is_refused_by_field(
    use_engine: UseEngine, as_alice: APIClient, field: str, value: str, code: str
) -> None:
    use_engine("Noise")
    answer = as_alice.post(INPAINT, body(**{"mask": GOOD, field: value}))
    assert refused(answer, "invalid_image") == {field: code}
    assert len(answer.content) < 1000


def test_a_mask_of_another_size_is_refused(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    mask = text_of(file_of(scene(size=(16, 24))))
    assert refused(as_alice.post(INPAINT, body(mask=mask)), "invalid_image") == {"mask": "size_differs"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *(({"image": value}, "image") for value in (5, None, [GOOD], {"data": GOOD}, True)),
        *(({"strength": value}, "strength") for value in (0, -0.1, 1.1, "0.5", None, True, 1e-9)),
        ({"mask": GOOD}, "mask"),
        ({"request_type": "inpainting"}, "request_type"),
        ({"width": 65}, "width"),
        ({"image": "no base64!", "prompt": ""}, "prompt"),
    ],
)
def test_a_wrong_field_is_named(
    use_engine: UseEngine, as_alice: APIClient, changes: dict[str, Any], field: str
) -> None:
    use_engine("Noise")
    assert set(refused(as_alice.post(TRANSFORM, body(**changes)), "invalid_request")) == {field}


def test_what_is_missing_is_named(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    assert refused(as_alice.post(INPAINT, {}), "invalid_request") == dict.fromkeys(
        ("prompt", "image", "mask"), "required"
    )
    answer = as_alice.post(INPAINT, b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    answer = as_alice.post(INPAINT, b"", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_only_these_paths_take_large_bodies(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    large = body(image="A" * project.MAX_BODY_BYTES)
    answer = as_alice.post("/api/v1/text-to-image-generator", large)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    for path in (TRANSFORM, INPAINT):
        assert refused(
            as_alice.post(path, large | ({"mask": GOOD} if path == INPAINT else {})), "invalid_image"
        )


def test_they_have_a_limit_too(use_engine: UseEngine, as_alice: APIClient, settings: Settings) -> None:
    use_engine("Noise")
    settings.MAX_IMAGE_BODY_BYTES = 100
    answer = as_alice.post(TRANSFORM, body())
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_stranger_is_not_listened_to(use_engine: UseEngine, nobody: APIClient) -> None:
    use_engine("Noise")
    assert nobody.post(TRANSFORM, body()).status_code == 401


def test_a_turn_is_given_back_whatever_happens(
    use_engine: UseEngine, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine("Noise")
    for _ in range(2 * uploads.AT_ONCE):
        assert as_alice.post(TRANSFORM, b"{", content_type="application/json").status_code == 400
        assert as_alice.post(TRANSFORM, body(image="!")).status_code == 400
    assert as_alice.post(TRANSFORM, body()).status_code == 200


def test_the_page_offers_an_example_that_works(use_engine: UseEngine, as_carol: APIClient) -> None:
    use_engine("Noise")
    for path in (TRANSFORM, INPAINT):
        page = as_carol.get(path, headers={"Accept": "text/html"})
        assert "iVBORw0KGgo" in page.content.decode()
        example = page.renderer_context["view"].example  # type: ignore[attr-defined]
        answer = as_carol.post(path, example, headers={"Accept": "text/html"})
        assert answer.status_code == 200
