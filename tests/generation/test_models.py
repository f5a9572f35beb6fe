"""The life of a generation in the database."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from accounts.exceptions import QuotaExhausted
from accounts.models import Quota, User
from generation.exceptions import QueueFull
from generation.models import GeneratedImage, Generation, Picture, Status
from generation.pictures.storage import pictures

Submit = Callable[..., Generation]
PICTURES = [Picture(0, 7, b"first"), Picture(1, 8, b"second")]


def used(user: User) -> int:
    return Quota.objects.current(user).used


def files() -> list[str]:
    """All files of the picture storage, wherever they lie."""
    location = pictures().path("")
    return sorted(str(path) for path in Path(location).rglob("*") if path.is_file())


def test_it_works(submit: Submit, alice: User) -> None:
    generation = submit(cost=3)
    assert (generation.status, used(alice), generation.cost) == (Status.QUEUED, 3, 3)
    generation = Generation.objects.claim()  # type: ignore[assignment]
    assert generation.succeed(PICTURES)
    generation = Generation.objects.get()
    assert generation.status == Status.SUCCEEDED
    assert generation.started_at <= generation.finished_at  # type: ignore[operator]
    assert [image.file.read() for image in generation.images.all()] == [b"first", b"second"]
    assert used(alice) == 3


def test_a_failure_gives_the_charge_back_once(submit: Submit, alice: User) -> None:
    generation = submit(cost=3)
    assert generation.fail("generation_failed", "out_of_memory")
    assert not generation.fail("generation_failed", "worker_lost")
    generation.refresh_from_db()
    assert (generation.status, generation.error_reason) == (Status.FAILED, "out_of_memory")
    assert (used(alice), generation.cost) == (0, 0)


def test_what_has_succeeded_cannot_fail(submit: Submit, alice: User) -> None:
    generation = submit()
    generation.succeed(PICTURES[:1])
    assert not generation.fail("generation_failed")
    assert used(alice) == 1


def test_what_has_failed_cannot_succeed(submit: Submit) -> None:
    generation = submit()
    generation.fail("generation_timeout")
    before = files()
    assert not generation.succeed(PICTURES[:1])
    assert Generation.objects.get().status == Status.FAILED
    assert not GeneratedImage.objects.exists()
    assert files() == before


def test_without_credits_nothing_is_stored(submit: Submit, alice: User) -> None:
    with pytest.raises(QuotaExhausted):
        submit(cost=101)
    assert not Generation.objects.exists()
    assert used(alice) == 0


def test_a_full_queue_charges_nothing(submit: Submit, alice: User, settings: Settings) -> None:
    settings.QUEUE_LIMIT = 1
    submit()
    with pytest.raises(QueueFull):
        submit()
    assert used(alice) == 1


def test_what_is_finished_leaves_the_queue(submit: Submit, settings: Settings) -> None:
    settings.QUEUE_LIMIT = 1
    submit().fail("generation_failed")
    submit().succeed(PICTURES[:1])
    submit()


def test_a_failure_leaves_no_files(submit: Submit, django_capture_on_commit_callbacks: Any) -> None:
    before = files()
    generation = submit(num_images=2)
    PICTURES[0].store(generation)
    assert len(files()) == len(before) + 1
    with django_capture_on_commit_callbacks(execute=True):
        generation.fail("generation_failed", "worker_lost")
    assert files() == before


def test_an_index_is_there_once(submit: Submit) -> None:
    generation = submit()
    generation.succeed([PICTURES[0]])
    with pytest.raises(IntegrityError):
        GeneratedImage.objects.create(generation=generation, index=0, seed=7, bytes=1, file="x")


def test_a_refund_follows_the_period(submit: Submit, alice: User) -> None:
    generation = submit(cost=3)
    quota = Quota.objects.get()
    Quota.objects.update(resets_at=quota.resets_at + timedelta(days=31), used=1)  # type: ignore[operator]
    generation.fail("generation_failed")
    assert used(alice) == 1
