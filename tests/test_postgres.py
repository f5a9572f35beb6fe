"""What depends on the database, once more on PostgreSQL: this runs the same tests in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import on_postgresql, postgres

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres.running() as url:
        yield url


def python(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_what_holds_on_sqlite_holds_on_postgresql() -> None:
    status, printed = on_postgresql.result()
    assert status == 0, printed[-20_000:]


WAITING_TOGETHER = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import close_old_connections, connection
from accounts.models import User
from accounts.connections import let_go

all_wait = Barrier(8, timeout=10)

def ask_and_wait(_):
    User.objects.exists()
    let_go()
    all_wait.wait()
    User.objects.exists()
    close_old_connections()
    return True

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(ask_and_wait, range(16))))
connection.close_pool()
"""


def test_those_that_wait_hold_no_connection(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_POOL_SIZE", "2")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "sdsite.settings")
    python(database, "manage.py", "migrate")
    assert python(database, "-c", WAITING_TOGETHER).stdout == "16\n"
