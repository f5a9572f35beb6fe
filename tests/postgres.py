"""A PostgreSQL server of the tests' own, on a free port, with its data in a folder that goes with it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import programs
from tests.server import free_port

# Debian keeps the programs of each version in a folder that is not on the PATH.
DEBIAN = Path("/usr/lib/postgresql")
# Nothing here has to outlive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """`url` is the address of an empty database, as `DATABASE_URL` takes it."""

    def __init__(self, folder: str) -> None:
        self._pg_ctl = _program("pg_ctl")
        self._as_owner = _unprivileged(folder)
        self._data, self._log = f"{folder}/data", f"{folder}/log"
        port = free_port()
        settings = FAST | {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        self._options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self.url = f"postgres://tests@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        options = "--username=tests --auth=trust --encoding=UTF8 --locale=C --no-sync"
        self._run("initdb", f"--options={options}")

    def start(self) -> None:
        self._run("start", f"--log={self._log}", f"--options={self._options}", "--wait")

    def stop(self, mode: str = "fast") -> None:
        """With `immediate` what was committed last may be lost: see `FAST`."""
        self._run("stop", f"--mode={mode}")

    def _run(self, *command: str) -> None:
        subprocess.run(
            [self._pg_ctl, *command, f"--pgdata={self._data}"],
            cwd="/",
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **self._as_owner,
        )


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs, and may be stopped and started."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Server(folder)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def running() -> Iterator[str]:
    """The address of a server's database."""
    with serving() as server:
        yield server.url


def _program(name: str) -> str:
    debian = ":".join(str(path) for path in sorted(DEBIAN.glob("*/bin"), reverse=True))
    found = shutil.which(name) or shutil.which(name, path=debian)
    if found is None:
        programs.missing("PostgreSQL is not installed")
    return found


def _unprivileged(folder: str) -> dict[str, Any]:
    """Whom to run the server as: it refuses to be root's. The folder is made theirs."""
    if os.getuid() != 0:
        return {}
    owner = pwd.getpwnam("nobody")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
