"""Some of the tests once more, on PostgreSQL, in a process of their own, which may run beside the others."""

import atexit
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

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
    "tests/accounts/test_bad_input.py",
    "tests/accounts/test_entrance.py",
    "tests/accounts/test_ratelimits.py",
    "tests/accounts/test_shared_counters.py",
    "tests/accounts/test_tokens.py",
    "tests/generation/webhooks/test_addresses.py",
    "tests/generation/webhooks/test_connection.py",
    "tests/generation/webhooks/test_field.py",
    "tests/generation/webhooks/test_served.py",
]

_open = ExitStack()
_running: tuple[subprocess.Popen[bytes], IO[bytes]] | None = None


def begin() -> None:
    """Start them, where there is a PostgreSQL."""
    if postgres.find("pg_ctl") is not None:
        _start()


def result() -> tuple[int, str]:
    """Their exit status, and what they printed. Skips the test that asks where there is no PostgreSQL."""
    process, printed = _running or _start()
    status = process.wait()
    printed.seek(0)
    return status, printed.read().decode(errors="replace")


def _start() -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    global _running
    database = _open.enter_context(postgres.running())
    atexit.register(_open.close)
    printed: IO[bytes] = _open.enter_context(TemporaryFile())  # noqa: SIM115  # closed with the rest
    ignored = [f"--ignore={path}" for path in ON_ONE]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *ON_BOTH, *ignored],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "PYTEST_ADDOPTS": ""},
        stdout=printed,
        stderr=subprocess.STDOUT,
    )
    _open.callback(process.kill)
    _running = process, printed
    return _running
