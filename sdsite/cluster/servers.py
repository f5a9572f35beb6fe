"""A PostgreSQL and a Redis of the cluster's own, on free ports, each with a password."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

# Debian keeps the programs of each version of PostgreSQL in a folder that is not on the PATH.
DEBIAN = Path("/usr/lib/postgresql")
OTHERS = ("postgres", "nobody")


class Missing(Exception):
    """What has to be installed first, in a sentence."""


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Its address, as `DATABASE_URL` takes it. The rows stay in `folder`, where its user can reach that."""
    pg_ctl = _program("pg_ctl", "PostgreSQL")
    with _home(folder) as (home, as_user):
        data, port, password = home / "data", free_port(), home / "password"
        if not data.exists():
            password.write_text(token_hex())
            options = "--username=service --auth=scram-sha-256 --encoding=UTF8 --locale=C"
            # Made under another name, so that one that was interrupted does not count.
            new = home / f"new-{token_hex(4)}"
            made = f"{options} --pwfile={password}"
            _run([pg_ctl, "initdb", f"--pgdata={new}", f"--options={made}"], **as_user)
            new.rename(data)
        options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        log = f"--log={home / 'postgresql.log'}"
        _run([pg_ctl, "start", f"--pgdata={data}", log, f"--options={options}", "--wait"], **as_user)
        try:
            yield f"postgres://service:{password.read_text()}@127.0.0.1:{port}/postgres"
        finally:
            _run([pg_ctl, "stop", f"--pgdata={data}", "--mode=fast"], **as_user)


def redis() -> tuple[str, list[str]]:
    """Its address, and the command that runs it. It keeps nothing: what is worth keeping are rows."""
    program, port, password = _program("redis-server", "Redis"), free_port(), token_hex()
    options = {"bind": "127.0.0.1", "port": str(port), "requirepass": password, "save": "", "dir": "/"}
    command = [part for name, value in options.items() for part in (f"--{name}", value)]
    return f"redis://:{password}@127.0.0.1:{port}/0", [program, *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str, package: str) -> str:
    debian = ":".join(str(path) for path in sorted(DEBIAN.glob("*/bin"), reverse=True))
    found = shutil.which(name) or shutil.which(name, path=debian)
    if found is None:
        raise Missing(f"{package} is not installed: there is no {name}.")
    return found


@contextmanager
def _home(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Where PostgreSQL lives, and as whom: it refuses to be root's, and others may not reach root's folders."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if os.getuid() != 0:
        yield folder, {}
        return
    user = _somebody()
    as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    os.chown(folder, user.pw_uid, user.pw_gid)
    reached = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(folder)], cwd="/", stderr=subprocess.DEVNULL, **as_user
    )
    if reached.returncode == 0:
        yield folder, as_user
        return
    with tempfile.TemporaryDirectory(prefix="cluster-") as other:
        os.chown(other, user.pw_uid, user.pw_gid)
        yield Path(other), as_user


def _somebody() -> pwd.struct_passwd:
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in OTHERS:
        if name in known:
            return known[name]
    raise Missing(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(OTHERS)}.")


def _run(command: list[str], **as_user: Any) -> None:
    subprocess.run(
        command, cwd="/", check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **as_user
    )
