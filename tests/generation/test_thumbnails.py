"""Pictures made small, for a grid of many."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Plan, User
from generation.models import Generation, Picture
from generation.pictures.storage import pictures
from tests.generation.pictures import file_of, scene
from tests.problems import problem_of, refused_fields

Submit = Callable[..., Generation]


@pytest.fixture
def drawn(submit: Submit) -> Callable[..., Generation]:
    """Makes a generation with a picture of this size."""

    def make(size: tuple[int, int] = (1024, 512), output_format: str = "png", **options: Any) -> Generation:
        generation = submit(output_format=output_format, **options)
        assert generation.take_up(uuid4(), timezone.now())
        generation.succeed([Picture(0, 7, file_of(scene(size=size), output_format))])
        return generation

    return make


def at(generation: Generation, size: str = "thumbnail") -> str:
    return f"/api/v1/generations/{generation.id}/images/0?size={size}"


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_it_works(as_alice: APIClient, drawn: Callable[..., Generation], output_format: str) -> None:
    answer = as_alice.get(at(drawn(output_format=output_format)), headers={"Accept": "image/*"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    small = Image.open(BytesIO(answer.content))
    assert (small.format, small.size) == ("WEBP", (384, 192))
    assert int(answer["Content-Length"]) == len(answer.content) < 10_000
    red, green, _ = small.convert("RGB").getpixel((380, 188))  # type: ignore[misc]
    assert min(red, green) > 240


def test_one_that_is_small_is_not_enlarged(as_alice: APIClient, drawn: Callable[..., Generation]) -> None:
    answer = as_alice.get(at(drawn((64, 120))))
    assert Image.open(BytesIO(answer.content)).size == (64, 120)


def test_it_is_kept_as_the_picture_is(
    as_alice: APIClient, drawn: Callable[..., Generation], alice: User
) -> None:
    alice.plan = Plan.objects.create(name="Day", retention_days=1)
    alice.save()
    generation = drawn()
    small, full = as_alice.get(at(generation)), as_alice.get(at(generation, "full"))
    assert small["ETag"] != full["ETag"]
    for answer in (small, full):
        private, max_age, immutable = answer["Cache-Control"].split(", ")
        assert (private, immutable) == ("private", "immutable")
        assert 86_000 < int(max_age.removeprefix("max-age=")) <= 86_400
    again = as_alice.get(at(generation), headers={"If-None-Match": small["ETag"]})
    assert (again.status_code, again["ETag"], again.content) == (304, small["ETag"], b"")
    assert as_alice.get(at(generation), headers={"If-None-Match": full["ETag"]}).status_code == 200


def test_a_generation_tells_where_it_is(as_alice: APIClient, drawn: Callable[..., Generation]) -> None:
    generation = drawn()
    (image,) = as_alice.get(f"/api/v1/generations/{generation.id}?images=url").json()["images"]
    assert image["thumbnail"] == f"{image['url']}?size=thumbnail"
    assert as_alice.get(image["thumbnail"])["Content-Type"] == "image/webp"


def test_without_a_size_it_is_the_picture(as_alice: APIClient, drawn: Callable[..., Generation]) -> None:
    url = at(drawn())
    full, unsaid = as_alice.get(url.replace("thumbnail", "full")), as_alice.get(url.partition("?")[0])
    assert full.getvalue() == unsaid.getvalue() == file_of(scene(size=(1024, 512)))
    assert full["ETag"] == unsaid["ETag"]


@pytest.mark.parametrize(("query", "field"), [("size=tiny", "size"), ("size=", "size"), ("side=5", "side")])
def test_a_wrong_size_is_refused_by_name(
    as_alice: APIClient, drawn: Callable[..., Generation], query: str, field: str
) -> None:
    assert refused_fields(as_alice.get(at(drawn()).replace("size=thumbnail", query))).keys() == {field}


def test_others_see_none(as_bob: APIClient, drawn: Callable[..., Generation]) -> None:
    problem_of(as_bob.get(at(drawn())), 404, "not_found")


def test_what_is_gone_or_over_is_not_found(as_alice: APIClient, drawn: Callable[..., Generation]) -> None:
    gone, over = drawn(), drawn()
    pictures().delete(str(gone.images.get().file.name))
    Generation.objects.filter(pk=over.pk).update(expired_at=timezone.now() - timedelta(days=1))
    for generation in (gone, over):
        problem_of(as_alice.get(at(generation)), 404, "not_found")
