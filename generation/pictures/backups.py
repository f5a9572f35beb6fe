"""Copies of all that the service keeps, and the way back. A copy is a folder named by its time:

database.sqlite3 or database.dump, secret_key, and pictures/ unless they are in a bucket, which has its own ways.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from generation.pictures.storage import HALF_WRITTEN, pictures

SQLITE, POSTGRESQL, SECRET_KEY, PICTURES = "database.sqlite3", "database.dump", "secret_key", "pictures"
UNFINISHED = ".unfinished"


class NotEmpty(Exception):
    """There is something already where a copy was to be restored."""


class PgDump(DatabaseClient):
    """Told of the database as Django tells `psql`: the password never stands in a command line."""

    executable_name = "pg_dump"


class PgRestore(DatabaseClient):
    executable_name = "pg_restore"


def back_up(folder: Path, now: datetime) -> Path:
    """Make a copy in `folder`, beside the service that runs, and say where it is.

    First the rows, then the files, so that no row is copied without its pictures. A picture that is in the last copy
    already is the same file: pictures never change.
    """
    copy = folder / f"{now:%Y-%m-%dT%H-%M-%SZ}"
    unfinished = copy.with_suffix(UNFINISHED)
    unfinished.mkdir(parents=True, mode=0o700)
    if connection.vendor == "postgresql":
        PgDump(connection).runshell(["--format=custom", "--no-owner", f"--file={unfinished / POSTGRESQL}"])
    else:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(unfinished / SQLITE)])
    if _secret_key().is_file():
        shutil.copy2(_secret_key(), unfinished)
    if (source := _pictures()) is not None:
        _copy_files(source, unfinished / PICTURES, _last(folder))
    return unfinished.rename(copy)


def restore(copy: Path) -> None:
    """Bring a copy back into a service that was never started. Raises `NotEmpty`."""
    target = _pictures()
    if connection.introspection.table_names() or (target is not None and target.exists()):
        raise NotEmpty("The database or the folder of pictures is not empty.")
    if target is not None and (copy / PICTURES).is_dir():
        shutil.copytree(copy / PICTURES, target)
    if (copy / SECRET_KEY).is_file():
        shutil.copy2(copy / SECRET_KEY, _secret_key())
    if connection.vendor == "postgresql":
        options = [
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            str(copy / POSTGRESQL),
            "--dbname",
        ]
        PgRestore(connection).runshell(options)
    else:
        connection.close()
        shutil.copyfile(copy / SQLITE, connection.settings_dict["NAME"])


def _secret_key() -> Path:
    return settings.DATA_DIR / SECRET_KEY


def _pictures() -> Path | None:
    storage = pictures()
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _last(folder: Path) -> Path | None:
    """The pictures of the newest copy that is whole."""
    copies = [path for path in folder.iterdir() if path.suffix != UNFINISHED and (path / PICTURES).is_dir()]
    return max(copies) / PICTURES if copies else None


def _copy_files(source: Path, target: Path, last: Path | None) -> None:
    target.mkdir()
    for name in _files(source):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        # One that was removed meanwhile is left out.
        with suppress(FileNotFoundError):
            if last is not None and (last / name).is_file():
                os.link(last / name, target / name)
            else:
                shutil.copy2(source / name, target / name)


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            if not name.startswith(HALF_WRITTEN):
                yield Path(parent, name).relative_to(folder)
