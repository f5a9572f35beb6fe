"""What the tests leave behind: all that is logged, mailed, or written to a database is kept in files, to be searched
for secrets when everything else has run.
"""

import atexit
import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from django.core.mail import EmailMessage
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from accounts.tokens import ALPHABET, LENGTH, PREFIX, is_well_formed

FOLDER = Path(tempfile.mkdtemp(prefix="sdsite-evidence-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

TOKEN = re.compile(rf"{PREFIX}[{ALPHABET}]{{{LENGTH - len(PREFIX)}}}".encode())
# What webhooks are signed with.
SIGNING_SECRET = re.compile(rb"whsec_[\w+/]{43}=")
LOG, MAIL, DATABASE = "log", "mail", "database"

# Data folders of the servers that run, by name.
servers: dict[str, Path] = {}

_writing = Lock()


class LogKeeper(logging.Handler):
    """Keeps every line that any logger lets pass, with its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        keep(LOG, self.format(record))


def keep(kind: str, text: str) -> None:
    with _writing, (FOLDER / kind).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text + "\n")


def keep_mail(message: EmailMessage) -> None:
    keep(MAIL, message.message().as_string())
    keep(MAIL, f"{message.subject}\n{message.body}")


@contextmanager
def of_server(name: str, data: Path) -> Iterator[None]:
    """What a server leaves in its data folder, whether it is looked for while the server runs or later."""
    servers[name] = data
    try:
        yield
    finally:
        keep_server(name)
        del servers[name]


def keep_server(name: str) -> None:
    """A server's database as it lies on the disk, its log, and in it the letters that went to the console."""
    data = servers[name]
    for path in (*data.glob("*.sqlite3*"), *data.glob("*.log")):
        kind = LOG if path.suffix == ".log" else DATABASE
        shutil.copyfile(path, FOLDER / f"{kind}-{name}-{path.name}")


def watch_writes() -> None:
    """From now on keep the values of every statement that writes, on every connection."""
    connection_created.connect(_watch, dispatch_uid="evidence")


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _kept not in connection.execute_wrappers:
        connection.execute_wrappers.append(_kept)


def _kept(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
    if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "PRAGMA")):
        keep(DATABASE, repr(values))
    return execute(sql, values, many, context)


def kinds() -> set[str]:
    """The kinds of evidence that there are."""
    return {path.name.partition("-")[0] for path in FOLDER.iterdir() if path.stat().st_size}


def leaks(passwords: list[str]) -> Iterator[str]:
    """Where a token or one of the passwords stands in the evidence; the secret itself is not told."""
    for name in servers:
        keep_server(name)
    needles = {f"password {number}": text.encode() for number, text in enumerate(passwords)}
    for path in sorted(FOLDER.iterdir()):
        content = path.read_bytes()
        for found in TOKEN.finditer(content):
            if is_well_formed(found[0].decode()):
                yield f"a token in {path.name}: {_around(content, found.start(), found.end())}"
        for found in SIGNING_SECRET.finditer(content):
            yield f"a signing secret in {path.name}: {_around(content, found.start(), found.end())}"
        for name, needle in needles.items():
            position = content.find(needle)
            if position >= 0:
                yield f"{name} in {path.name}: {_around(content, position, position + len(needle))}"


def _around(content: bytes, start: int, end: int) -> str:
    before, after = content[max(0, start - 80) : start], content[end : end + 20]
    return f"{before!r} … {after!r}"
