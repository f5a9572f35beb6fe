"""What was backed up comes back on an empty machine: every generation, every balance, every picture."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from generation.pictures.backups import back_up
from generation.pictures.storage import pictures
from sdsite.pictures import pictures_at
from tests import postgres
from tests.generation.files import use_storage
from tests.server import ROOT

ALL = ["accounts", "generation", "sessions", "otp_totp"]
USE = """
import django
django.setup()
from accounts.models import AuthToken, Quota, User
from generation.models import Generation, Origin, Picture
from generation.params import GenerationParams, SchedulerName

def submit(user, cost):
    params = GenerationParams(prompt="a house", width=64, height=64, num_inference_steps=2, guidance_scale=3.0,
                              scheduler=SchedulerName.DDIM, seed=cost, image=bytes(64 * 64 * 3), strength=0.5)
    return Generation.objects.submit(user, params, model="tiny", cost=cost, origin=Origin("request"))

for number in range(3):
    user = User.objects.create_user(f"user-{number}@example.com", "seven green umbrellas")
    AuthToken.objects.issue(user)
    submit(user, 1).succeed([Picture(0, 1, b"picture of %d" % number)])
    submit(user, 2).fail("generation_failed", "out_of_memory")
    submit(user, 3)
"""


class Machine:
    """A data folder, a database, and the programs of the service."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder = folder
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "sdsite.settings",
        }

    def python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        run = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    def rows(self) -> list[object]:
        rows: list[object] = json.loads(self.manage("dumpdata", *ALL))
        return rows

    def files(self) -> dict[str, bytes]:
        files = [path for path in (self.folder / "pictures").rglob("*") if path.is_file()]
        kept = {str(path.relative_to(self.folder)): path.read_bytes() for path in files}
        return kept | {"secret_key": (self.folder / "secret_key").read_bytes()}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """One that was used, and one that was never started."""
    used, empty = tmp_path / "used", tmp_path / "empty"
    if request.param == "sqlite":
        yield Machine(used), Machine(empty)
        return
    with postgres.running() as first, postgres.running() as second:
        yield Machine(used, first), Machine(empty, second)


def test_it_works(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    used, empty = machines
    used.manage("migrate", "--verbosity", "0")
    used.python("-c", USE)
    copy = used.manage("backup", str(tmp_path / "copies")).strip()
    rows, files = used.rows(), used.files()
    assert len(files) == 1 + 3 * 3

    empty.manage("restore", copy)
    assert empty.rows() == rows
    assert empty.files() == files
    assert "3 quotas" in empty.manage("verify_ledger")
    with pytest.raises(AssertionError, match="not empty"):
        empty.manage("restore", copy)


def test_a_picture_that_is_in_the_last_copy_takes_no_more_room(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    use_storage(pictures_at("", tmp_path / "pictures"), settings, monkeypatch)
    pictures().save("2026/11/25/id/0.png", ContentFile(b"old"))
    first = back_up(tmp_path / "copies", timezone.now() - timedelta(days=1))
    pictures().save("2026/11/26/id/0.png", ContentFile(b"new"))
    (tmp_path / "pictures/2026/11/26/id/.half").touch()
    second = back_up(tmp_path / "copies", timezone.now())
    assert names(second) == {"2026/11/25/id/0.png", "2026/11/26/id/0.png"}
    old = [copy / "pictures/2026/11/25/id/0.png" for copy in (first, second)]
    assert old[0].samefile(old[1])


def test_a_copy_that_was_not_finished_is_none(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    use_storage(pictures_at("", tmp_path / "pictures"), settings, monkeypatch)
    pictures().save("2026/11/25/id/0.png", ContentFile(b"old"))
    (tmp_path / "copies/2026-11-24T00-00-00Z.unfinished/pictures/2026/11/25/id").mkdir(parents=True)
    assert names(back_up(tmp_path / "copies", timezone.now())) == {"2026/11/25/id/0.png"}
    assert len(list((tmp_path / "copies").glob("*Z"))) == 1


def names(copy: Path) -> set[str]:
    folder = copy / "pictures"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
