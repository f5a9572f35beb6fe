"""What depends on the database, once more on PostgreSQL: this runs the same tests in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).parents[1]
# The tests of accounts, credits, charges, payments, cancellations, owners and webhooks, and what staff see of them,
ON_BOTH = [
    "tests/accounts",
    "tests/generation/test_admin.py",
    "tests/generation/test_cancel.py",
    "tests/generation/test_charges.py",
    "tests/generation/test_ending.py",
    "tests/generation/test_events.py",
    "tests/generation/test_export.py",
    "tests/generation/test_generations.py",
    "tests/generation/test_idempotency.py",
    "tests/generation/test_line.py",
    "tests/generation/test_models.py",
    "tests/generation/test_owners.py",
    "tests/generation/test_queue.py",
    "tests/generation/test_refund.py",
    "tests/generation/test_removal.py",
    "tests/generation/test_retention.py",
    "tests/generation/test_worker.py",
    "tests/generation/webhooks",
    "tests/monitoring/test_figures.py",
]
# but for those that hardly ask it, or start a server of their own.
ON_ONE = [
    "tests/accounts/payments/test_checks.py",
    "tests/accounts/payments/test_kill.py",
    "tests/accounts/test_addresses.py",
    "tests/accounts/test_account.py",
    "tests/accounts/test_authentication.py",
    "tests/accounts/test_bad_input.py",
    "tests/accounts/test_entrance.py",
    "tests/accounts/test_ratelimits.py",
    "tests/accounts/test_shared_counters.py",
    "tests/accounts/test_keyring.py",
    "tests/accounts/test_login.py",
    "tests/accounts/test_logout.py",
    "tests/accounts/test_password_reset.py",
    "tests/accounts/test_profile.py",
    "tests/accounts/test_tokens.py",
    "tests/generation/webhooks/test_addresses.py",
    "tests/generation/webhooks/test_connection.py",
    "tests/generation/webhooks/test_field.py",
    "tests/generation/webhooks/test_served.py",
]


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
def test_what_holds_on_sqlite_holds_on_postgresql(database: str) -> None:
    ignored = [f"--ignore={path}" for path in ON_ONE]
    run = python(database, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *ON_BOTH, *ignored)
    assert run.returncode == 0, run.stdout[-20_000:]


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
