"""What staff see of generations."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from generation.models import GeneratedImage, Generation, Picture

LIST = "/admin/generation/generation/"
Submit = Callable[..., Generation]


@pytest.fixture
def generation(submit: Submit) -> Generation:
    generation = submit(prompt="a <b>bold</b> boat", num_images=2)
    generation.succeed([Picture(0, 7, b"first"), Picture(1, 8, b"second")])
    return generation


def test_it_works(as_carol: APIClient, generation: Generation) -> None:
    page = as_carol.get(LIST).content.decode()
    assert f"{LIST}picture/{GeneratedImage.objects.get(index=0).pk}" in page
    assert "a &lt;b&gt;bold&lt;/b&gt; boat" in page
    assert "alice@example.com" in page


def test_all_parameters_and_pictures_are_shown(as_carol: APIClient, generation: Generation) -> None:
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    for value in ("64 x 64", "ddim", "request-1", "tiny"):
        assert value in page
    for image in generation.images.all():
        assert f"picture/{image.pk}" in page


def test_the_pictures_that_were_sent_along_are_shown(
    as_carol: APIClient, submit: Submit, django_capture_on_commit_callbacks: Any
) -> None:
    generation = submit(image=bytes(64 * 64 * 3), mask=bytes(64 * 64), strength=0.5)
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    for name in ("image", "mask"):
        url = f"{LIST}input/{generation.pk}/{name}"
        assert url in page
        assert b"".join(as_carol.get(url).streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert as_carol.get(f"{LIST}input/{generation.pk}/0").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        generation.fail("generation_failed")
    assert as_carol.get(f"{LIST}input/{generation.pk}/mask").status_code == 404


def test_search_and_filters(as_carol: APIClient, generation: Generation, submit: Submit) -> None:
    submit(prompt="a red house")
    for query in ("q=boat", "q=request-1+boat", f"q={generation.pk}", "status__exact=succeeded"):
        page = as_carol.get(f"{LIST}?{query}").content.decode()
        assert "boat" in page
        assert "a red house" not in page


def test_nothing_can_be_changed(as_carol: APIClient, generation: Generation) -> None:
    assert as_carol.get(f"{LIST}add/").status_code == 403
    assert as_carol.post(f"{LIST}{generation.pk}/change/", {"prompt": "x"}).status_code == 403


def test_the_picture_is_for_staff_alone(
    as_carol: APIClient, alice: User, client: Client, generation: Generation
) -> None:
    url = f"{LIST}picture/{GeneratedImage.objects.get(index=1).pk}"
    assert b"".join(as_carol.get(url).streaming_content) == b"second"  # type: ignore[attr-defined]
    assert client.get(url).status_code == 302
    client.force_login(alice)
    assert client.get(url).status_code == 302
    assert client.get(f"{LIST}input/{generation.pk}/image").status_code == 302
    alice.is_staff = True
    alice.save()
    assert client.get(url).status_code == 403
