"""Seeing again what was drawn: lists, single generations, the bytes."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from generation.models import GeneratedImage, Generation, Picture

LIST = "/api/v1/generations"
Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]


@pytest.fixture(autouse=True)
def _engine(use_engine: UseEngine) -> None:
    use_engine("Noise")


def done(generation: Generation) -> Generation:
    assert generation.take_up(uuid4(), timezone.now())
    generation.succeed([Picture(0, generation.seed, b"the bytes")])
    return generation


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_it_works(as_alice: APIClient, submit: Submit) -> None:
    generation = done(submit(prompt="a boat"))
    (row,) = as_alice.get(LIST).json()["results"]
    assert (row["id"], row["parameters"]["prompt"]) == (str(generation.id), "a boat")
    (image,) = row["images"]
    assert image["image"] is None
    assert image["url"].endswith(f"/api/v1/generations/{generation.id}/images/0")


def test_the_newest_comes_first_and_pages_do_not_shift(as_alice: APIClient, submit: Submit) -> None:
    rows = [str(submit().id) for _ in range(5)][::-1]
    first = as_alice.get(f"{LIST}?page_size=2")
    submit()
    second = as_alice.get(first.json()["next"])
    third = as_alice.get(second.json()["next"])
    assert [ids(first), ids(second), ids(third)] == [rows[:2], rows[2:4], rows[4:]]
    assert third.json()["next"] is None
    assert ids(as_alice.get(third.json()["previous"])) == rows[2:4]


def test_rows_of_one_moment_are_all_shown(as_alice: APIClient, submit: Submit) -> None:
    rows = {str(submit().id) for _ in range(5)}
    Generation.objects.update(created_at=timezone.now())
    seen, url = set(), f"{LIST}?page_size=2"
    while url:
        page = as_alice.get(url)
        seen |= set(ids(page))
        url = page.json()["next"]
    assert seen == rows


def test_filters(as_alice: APIClient, submit: Submit) -> None:
    old, new = submit(prompt="a Red house"), done(submit(prompt="50% of a boat"))
    Generation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    for query, found in [
        ({"status": "succeeded"}, new),
        ({"status": "queued"}, old),
        ({"q": "red"}, old),
        ({"q": "%"}, new),
        ({"created_after": yesterday}, new),
        ({"created_before": yesterday}, old),
    ]:
        assert ids(as_alice.get(LIST, query)) == [str(found.id)]
    assert len(ids(as_alice.get(LIST, {"request_type": "text-to-image"}))) == 2


def test_several_states(as_alice: APIClient, submit: Submit) -> None:
    waiting, drawn, stopped = submit(), done(submit()), submit()
    stopped.cancel()
    assert ids(as_alice.get(f"{LIST}?status=queued&status=succeeded")) == [str(drawn.id), str(waiting.id)]
    assert ids(as_alice.get(f"{LIST}?status=canceled&status=canceled")) == [str(stopped.id)]


def test_filters_hold_on_the_pages_that_follow(as_alice: APIClient, submit: Submit) -> None:
    rows = [str(submit().id) for _ in range(3)][::-1]
    done(submit())
    first = as_alice.get(f"{LIST}?status=queued&status=running&page_size=2")
    second = as_alice.get(first.json()["next"])
    assert ids(first) + ids(second) == rows


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("status=queued&status=done", "status"),
        ("status=", "status"),
        ("&".join(["status=queued"] * 6), "status"),
        ("request_type=upscaling", "request_type"),
        ("created_after=yesterday", "created_after"),
        ("created_after=0001-01-01T00:00:00%2B14:00", "created_after"),
        ("created_before=9999-12-31T23:59:59-14:00", "created_before"),
        ("created_before=", "created_before"),
        ("q=", "q"),
        ("q=%00", "q"),
        (f"q={'x' * 201}", "q"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=many", "page_size"),
        ("cursor=", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=cD1ub25zZW5zZQ==", "cursor"),
        ("cursor=cD0yMDI2LTAxLTAx", "cursor"),
        ("cursor=cD0yMDI2LTk5LTAxIDAwOjAwOjAw", "cursor"),
        ("user=1", "user"),
    ],
)
def test_a_wrong_query_is_refused_by_name(as_alice: APIClient, query: str, field: str) -> None:
    answer = as_alice.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] == field


def test_one_with_its_picture(as_alice: APIClient, submit: Submit) -> None:
    generation = done(submit())
    url = f"{LIST}/{generation.id}"
    body = as_alice.get(url).json()
    assert body["images"][0]["image"] == "dGhlIGJ5dGVz"
    assert all(value >= 0 for value in body["timings"].values())
    assert as_alice.get(f"{url}?images=url").json()["images"][0]["image"] is None


def test_what_still_waits_says_so(as_alice: APIClient, submit: Submit) -> None:
    body = as_alice.get(f"{LIST}/{submit().id}").json()
    assert (body["status"], body["images"], body["progress"]) == ("queued", [], 0.0)
    assert set(body["timings"].values()) == {None}


def test_others_see_nothing(as_bob: APIClient, submit: Submit) -> None:
    generation = done(submit())
    assert ids(as_bob.get(LIST)) == []
    for url in (f"{LIST}/{generation.id}", f"{LIST}/{generation.id}/images/0"):
        stranger, unknown = as_bob.get(url), as_bob.get(url.replace(str(generation.id), str(uuid4())))
        assert (stranger.status_code, unknown.status_code) == (404, 404)
        assert stranger.json()["detail"] == unknown.json()["detail"]
        assert APIClient().get(url).status_code == 401


@pytest.mark.parametrize("path", ["x", "x/images/0", f"{uuid4()}/images/-1", f"{uuid4()}/images/x"])
def test_what_is_no_id_is_not_found(as_alice: APIClient, path: str) -> None:
    answer = as_alice.get(f"{LIST}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_the_bytes_of_a_picture(as_alice: APIClient, output_format: str) -> None:
    body = as_alice.post(
        "/api/v1/text-to-image-generator?images=url", {"prompt": "x", "output_format": output_format}
    ).json()
    answer = as_alice.get(body["images"][0]["url"], headers={"Accept": f"image/{output_format}"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer["Content-Type"] == f"image/{output_format}"
    assert answer["Cache-Control"].startswith("private")
    assert len(content) == body["images"][0]["bytes"] == int(answer["Content-Length"])
    assert Image.open(BytesIO(content)).format == output_format.upper()
    again = as_alice.get(body["images"][0]["url"], headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_index_that_is_not_there(as_alice: APIClient, submit: Submit) -> None:
    generation = done(submit())
    assert as_alice.get(f"{LIST}/{generation.id}/images/1").status_code == 404


def test_a_file_that_is_gone(as_alice: APIClient, submit: Submit) -> None:
    generation = done(submit())
    image = GeneratedImage.objects.get()
    image.file.storage.delete(str(image.file.name))
    assert as_alice.get(f"{LIST}/{generation.id}/images/0").status_code == 404
    assert as_alice.get(f"{LIST}/{generation.id}").status_code == 200


def test_capabilities_are_open(use_engine: UseEngine, alice: User, as_alice: APIClient) -> None:
    for client in (APIClient(), as_alice):
        body = client.get("/api/v1/capabilities").json()
        assert body["models"][0]["name"] == "fake"
        assert body["models"][0]["defaults"]["scheduler"] == "ddim"
        assert body["limits"]["max_pixels"] == alice.terms.max_pixels
        assert len(body["models"][0]["schedulers"]) == 16


def test_capabilities_before_the_model_is_loaded(db: None, use_engine: UseEngine) -> None:
    use_engine("SlowToLoad")
    answer = APIClient().get("/api/v1/capabilities")
    assert (answer.status_code, answer.json()["models"]) == (200, [])
