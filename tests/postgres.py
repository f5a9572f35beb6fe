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


@contextmanager
def running() -> Iterator[str]:
    """The address of an empty database, as `DATABASE_URL` takes it."""
    pg_ctl = _program("pg_ctl")
    port = free_port()
    settings = FAST | {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        as_owner = _unprivileged(folder)
        data, log = f"{folder}/data", f"{folder}/log"
        make = "--username=tests --auth=trust --encoding=UTF8 --locale=C --no-sync"
        _run([pg_ctl, "initdb", f"--pgdata={data}", f"--options={make}"], **as_owner)
        _run(
            [pg_ctl, "start", f"--pgdata={data}", f"--log={log}", f"--options={options}", "--wait"],
            **as_owner,
        )
        try:
            yield f"postgres://tests@127.0.0.1:{port}/postgres"
        finally:
            _run([pg_ctl, "stop", f"--pgdata={data}", "--mode=immediate"], **as_owner)


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


def _run(command: list[str], **as_owner: Any) -> None:
    subprocess.run(
        command, cwd="/", check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **as_owner
    )
