"""Pictures expire after the days that the owner's terms give; generations and the ledger stay."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import LedgerEntry, Plan, PlanOverrides, User
from generation.management.commands import prune as prune_command
from generation.models import Generation, IdempotencyKey, Picture, Status, retention
from generation.pictures.storage import WholeFileStorage, pictures
from sdsite.pictures import pictures_at
from tests.generation.files import files_of, is_gone, use_storage

Submit = Callable[..., Generation]
FILES = {"image.png", "0.png"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use_storage(pictures_at("", tmp_path / "pictures"), settings, monkeypatch)


@pytest.fixture
def plan(alice: User) -> Plan:
    alice.plan = Plan.objects.create(name="Week", retention_days=7)
    alice.save()
    return alice.plan


@pytest.fixture
def drawn(submit: Submit) -> Callable[..., Generation]:
    """Makes a generation with a picture, and one that came along, drawn so many days ago."""

    def make(days: float = 8, **options: Any) -> Generation:
        generation = submit(image=bytes(64 * 64 * 3), strength=0.5, **options)
        generation.succeed([Picture(0, 7, b"the bytes")])
        Generation.objects.filter(pk=generation.pk).update(finished_at=timezone.now() - timedelta(days=days))
        generation.refresh_from_db()
        return generation

    return make


def prune(*options: str) -> dict[str, int]:
    """What the command says, by what was removed."""
    output = StringIO()
    call_command("prune", *options, stdout=output)
    lines = (line.partition(": ") for line in output.getvalue().splitlines())
    return {what: int(number.split()[0]) for what, _, number in lines}


def test_it_works(plan: Plan, drawn: Submit, as_alice: APIClient) -> None:
    generation, ledger = drawn(), list(LedgerEntry.objects.values())
    assert prune()["generations' pictures"] == 1
    assert is_gone(generation)
    body = as_alice.get(f"/api/v1/generations/{generation.id}").json()
    (image,) = body["images"]
    assert (body["status"], body["cost"], image["image"]) == ("succeeded", 1, None)
    assert image["expires_at"] is not None
    gone = as_alice.get(image["url"], headers={"If-None-Match": f'"{generation.id}-0"'})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert "over" in gone.json()["detail"]
    assert list(LedgerEntry.objects.values()) == ledger


def test_what_is_not_due_is_kept_and_says_until_when(plan: Plan, drawn: Submit, as_alice: APIClient) -> None:
    generation = drawn(days=6)
    assert prune()["generations' pictures"] == 0
    assert files_of(generation) == FILES
    (image,) = as_alice.get(f"/api/v1/generations/{generation.id}").json()["images"]
    assert generation.expires_at is not None
    assert image["expires_at"] == f"{generation.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    age = as_alice.get(image["url"])["Cache-Control"].partition("max-age=")[2].partition(",")[0]
    assert 86_000 < int(age) <= 86_400


def test_they_are_kept_for_ever_unless_somebody_says_otherwise(drawn: Submit, as_alice: APIClient) -> None:
    generation = drawn(days=10_000)
    assert prune()["generations' pictures"] == 0
    (image,) = as_alice.get(f"/api/v1/generations/{generation.id}").json()["images"]
    assert (image["image"], image["expires_at"]) == ("dGhlIGJ5dGVz", None)


@pytest.mark.parametrize(
    ("service", "plan_days", "own", "kept"),
    [(7, None, None, False), (7, 0, None, True), (0, 7, None, False), (7, 7, 0, True), (0, 0, 7, False)],
)
def test_the_own_days_come_before_the_plans_and_those_before_the_services(
    plan: Plan, drawn: Submit, settings: Any, service: int, plan_days: int, own: int, kept: bool
) -> None:
    settings.PICTURES_RETENTION_DAYS = service
    Plan.objects.update(retention_days=plan_days)
    PlanOverrides.objects.create(user=User.objects.get(), retention_days=own)
    generation = drawn()
    assert (generation.expires_at is None) is kept
    assert prune()["generations' pictures"] == (0 if kept else 1)


def test_what_waits_or_has_failed_is_not_touched(plan: Plan, submit: Submit) -> None:
    submit().fail("generation_failed", "out_of_memory")
    waiting = submit(image=bytes(64 * 64 * 3), strength=0.5)
    Generation.objects.update(created_at=timezone.now() - timedelta(days=9))
    assert prune()["generations' pictures"] == 0
    assert Generation.objects.filter(expired_at=None).count() == 2
    assert files_of(waiting) == {"image.png"}


def test_a_dry_run_only_tells(plan: Plan, drawn: Submit) -> None:
    generation = drawn()
    assert prune("--dry-run")["generations' pictures"] == 1
    assert files_of(generation) == FILES
    assert Generation.objects.get().expired_at is None


def test_a_run_that_ends_early_is_taken_up_by_the_next(
    plan: Plan, drawn: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    generations = [drawn(days=20 - number) for number in range(5)]
    delete, calls = WholeFileStorage.delete, iter(range(100))

    def fail_late(storage: WholeFileStorage, name: str) -> None:
        if next(calls) == 7:
            raise OSError("the disk is gone")
        delete(storage, name)

    with monkeypatch.context() as context:
        context.setattr(WholeFileStorage, "delete", fail_late)
        with pytest.raises(OSError, match="gone"):
            prune()
    assert Generation.objects.filter(expired_at=None).count() == 3
    assert prune()["generations' pictures"] == 3
    assert all(is_gone(generation) for generation in generations)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads so small a table as a whole")
def test_those_that_are_kept_are_not_gone_through(plan: Plan) -> None:
    assert "INDEX generation_with_files" in Generation.objects.overdue(timezone.now()).explain()


def test_staff_see_that_it_has_expired(plan: Plan, drawn: Submit, as_carol: APIClient) -> None:
    generation = drawn()
    prune()
    assert "expired" in as_carol.get("/admin/generation/generation/").content.decode()
    page = as_carol.get(f"/admin/generation/generation/{generation.pk}/change/").content.decode()
    assert "removed by age" in page


def test_what_killed_processes_left_is_removed_after_an_hour(drawn: Submit, submit: Submit) -> None:
    generation, failed = drawn(), submit()
    failed.fail("generation_failed", "worker_lost")
    for name in (
        f"{generation.folder.path}/.half",
        f"{failed.folder.path}/0.png",
        f"2024/02/29/{uuid4()}/0.png",
    ):
        path = Path(pictures().path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something")
    assert prune()["abandoned folders"] == 0
    let_an_hour_pass()
    assert (prune("--dry-run")["half-written files"], prune()["abandoned folders"]) == (1, 2)
    assert files_of(generation) == FILES
    assert is_gone(failed)


def let_an_hour_pass() -> None:
    hour_ago = time.time() - 3601
    for path in Path(pictures().path("")).rglob("*"):
        os.utime(path, (hour_ago, hour_ago))


def test_files_of_what_waits_are_left_alone(submit: Submit) -> None:
    generation = submit(image=bytes(64 * 64 * 3), strength=0.5)
    let_an_hour_pass()
    prune()
    assert (generation.status, files_of(generation)) == (Status.QUEUED, {"image.png"})


def test_keys_of_yesterday_go(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune_command, "AT_ONCE", 2)
    generation = submit()
    for number in range(6):
        key = IdempotencyKey.objects.create(user=generation.user, key=f"key-{number}", generation=generation)
        IdempotencyKey.objects.filter(pk=key.pk).update(
            created_at=timezone.now() - timedelta(hours=22 + number)
        )
    assert prune("--dry-run")["idempotency keys"] == prune()["idempotency keys"] == 4
    assert {kept.key for kept in IdempotencyKey.objects.all()} == {"key-0", "key-1"}


def test_sessions_that_are_over_go(as_carol: APIClient) -> None:
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    assert prune()["sessions"] == 1
    assert Session.objects.count() == 1
