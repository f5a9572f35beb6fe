"""The same with the pictures in a bucket, on an S3 that runs beside the tests."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Plan, User
from generation.engine import Engine
from generation.models import GeneratedImage, Generation, Picture
from generation.pictures import bucket, leftovers
from generation.pictures.bucket import BucketStorage
from generation.pictures.leftovers import remove_leftovers
from generation.pictures.storage import has_room, pictures
from sdsite.pictures import pictures_at
from tests import s3
from tests.generation.files import use_storage

Submit = Callable[..., Generation]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with s3.running() as url:
        yield url


@pytest.fixture
def in_bucket(address: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> BucketStorage:
    """The storage of pictures, empty."""
    use(address, settings, monkeypatch)
    storage = pictures()
    assert isinstance(storage, BucketStorage)
    storage.bucket.objects.all().delete()
    return storage


def use(address: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AWS_ACCESS_KEY_ID = settings.AWS_SECRET_ACCESS_KEY = "any"
    use_storage(pictures_at(address, Path("unused")), settings, monkeypatch)


def names(storage: BucketStorage) -> set[str]:
    return {item.key.rpartition("/")[2] for item in storage.bucket.objects.all()}


def test_it_works(in_bucket: BucketStorage, engine: Engine, as_alice: APIClient) -> None:
    answer = as_alice.post(
        "/api/v1/text-to-image-generator",
        {"prompt": "a red house", "width": 64, "height": 64, "num_inference_steps": 2},
    )
    (image,) = answer.json()["images"]
    assert len(names(in_bucket)) == 1
    fetched = as_alice.get(image["url"])
    content = b"".join(fetched.streaming_content)  # type: ignore[attr-defined]
    assert len(content) == image["bytes"] == int(fetched["Content-Length"])
    assert Image.open(BytesIO(content)).size == (64, 64)


@pytest.mark.django_db(transaction=True)
def test_files_go_with_their_generation(in_bucket: BucketStorage, submit: Submit) -> None:
    generation = submit(image=bytes(64 * 64 * 3), strength=0.5)
    assert generation.params.image == bytes(64 * 64 * 3)
    generation.succeed([Picture(0, 7, b"first")])
    assert names(in_bucket) == {"image.png", "0.png"}
    generation.delete()
    assert names(in_bucket) == set()


def test_staff_see_it_small(in_bucket: BucketStorage, submit: Submit, as_carol: APIClient) -> None:
    file = BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    submit().succeed([Picture(0, 7, file.getvalue())])
    url = reverse("admin:generation_thumbnail", args=[GeneratedImage.objects.get().pk])
    assert as_carol.get(url)["Content-Type"] == "image/webp"


def test_what_is_gone_is_not_found(in_bucket: BucketStorage, submit: Submit, as_alice: APIClient) -> None:
    generation = submit()
    generation.succeed([Picture(0, 7, b"first")])
    in_bucket.delete(str(GeneratedImage.objects.get().file.name))
    assert as_alice.get(f"/api/v1/generations/{generation.id}/images/0").status_code == 404
    assert as_alice.get(f"/api/v1/generations/{generation.id}").json()["images"][0]["image"] is None


def test_pictures_expire(in_bucket: BucketStorage, submit: Submit, alice: User) -> None:
    alice.plan = Plan.objects.create(name="Week", retention_days=7)
    alice.save()
    submit().succeed([Picture(0, 7, b"first")])
    assert Generation.objects.expire(timezone.now() + timedelta(days=8)) == 1
    assert names(in_bucket) == set()


def test_what_nobody_owns_goes(
    in_bucket: BucketStorage, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit().succeed([Picture(0, 7, b"kept")])
    in_bucket.save(f"2024/02/29/{uuid4()}/1.png", ContentFile(b"left behind"))
    assert remove_leftovers(timezone.now() - timedelta(hours=1)) == (0, 0)
    assert remove_leftovers(timezone.now() + timedelta(hours=1)) == (0, 1)
    assert names(in_bucket) == {"0.png"}


def test_a_name_that_is_taken_is_not_written_over(in_bucket: BucketStorage) -> None:
    first, second = (in_bucket.save("2026/11/25/id/0.png", ContentFile(text)) for text in (b"one", b"two"))
    assert first != second
    assert in_bucket.open(first).read() == b"one"


def test_threads_share_it(in_bucket: BucketStorage) -> None:
    def store_and_read(number: int) -> bytes:
        name = in_bucket.save(f"2026/11/25/{number}/0.png", ContentFile(b"%d" % number))
        return in_bucket.open(name).read()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(store_and_read, range(40))) == [b"%d" % number for number in range(40)]


def test_no_picture_is_begun_while_it_does_not_answer(
    settings: Any, monkeypatch: pytest.MonkeyPatch, submit: Submit
) -> None:
    monkeypatch.setattr(bucket, "TRIES", 1)
    with s3.running() as address:
        use(address, settings, monkeypatch)
        assert has_room()
    generation = submit()
    with pytest.raises(OSError, match="connect"):
        generation.succeed([Picture(0, 7, b"first")])
    monkeypatch.setattr(bucket, "ASK_AGAIN_SECONDS", 0)
    assert not has_room()


def test_a_bucket_that_is_not_there_has_no_room(
    address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(address.replace("s3://bucket", "s3://other"), settings, monkeypatch)
    assert not has_room()


def test_leftovers_are_looked_for_in_small_lists(
    in_bucket: BucketStorage, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "AT_ONCE", 2)
    for _ in range(5):
        in_bucket.save(f"2024/02/29/{uuid4()}/1.png", ContentFile(b"left behind"))
    assert remove_leftovers(timezone.now() + timedelta(hours=1), dry_run=True) == (0, 5)
    assert remove_leftovers(timezone.now() + timedelta(hours=1)) == (0, 5)
