"""Where the rows are kept: SQLite in `DATA_DIR`, or PostgreSQL where `DATABASE_URL` names one."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("postgres://", "postgresql://")
# How long a request waits for a connection, while the database is gone or all are taken,
WAIT_SECONDS = 1.5
# and how long one try for a new one takes at most; no wait between two grows longer than that.
CONNECT_SECONDS = 2


def database_from(url: str, pool_size: int, file: Path) -> dict[str, Any]:
    """Django's settings of the database at `url`, or of the SQLite file where it is empty.

    The message of a refusal does not show the address: it has a password in it.
    """
    if not url:
        return _sqlite(file)
    if not url.startswith(SCHEMES):
        raise ImproperlyConfigured(
            "DATABASE_URL has to be postgres://user:password@host:port/name, or empty for SQLite."
        )
    try:
        return _postgresql(url, pool_size)
    except dj_database_url.ParseError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        # Each of the server's threads keeps its connection: to open one costs as much as two queries.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A deferred transaction that turns into a write fails at once, whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _postgresql(url: str, pool_size: int) -> dict[str, Any]:
    """The server has more threads than PostgreSQL takes connections, so they share a pool of them."""
    database: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=0, conn_health_checks=True)}
    pool = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": WAIT_SECONDS,
        "reconnect_timeout": CONNECT_SECONDS,
    }
    network = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 1000 * CONNECT_SECONDS}
    options = network | database.get("OPTIONS", {}) | {"pool": pool}
    return database | {"OPTIONS": options}
