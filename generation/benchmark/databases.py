"""A database of a benchmark's own beside the one that the settings name, so that it begins empty and leaves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import quote

from django.db import connection


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """What a server's environment needs to use it. SQLite is a file in the server's own folder anyway."""
    if connection.vendor != "postgresql":
        yield {}
        return
    name = f"benchmark_{token_hex(4)}"
    _execute(f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": _url(name)}
    finally:
        _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def _url(name: str) -> str:
    there = connection.settings_dict
    person = quote(there["USER"], safe="")
    if there["PASSWORD"]:
        person += ":" + quote(there["PASSWORD"], safe="")
    return f"postgres://{person}@{there['HOST']}:{there['PORT'] or 5432}/{name}"
