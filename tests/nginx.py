"""The nginx of `deploy/`, on a free port of this machine."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests import programs
from tests.server import ROOT, free_port

CONFIGURATION = ROOT / "deploy/nginx.conf"
START_SECONDS = 10


@contextmanager
def running(service: str, folder: Path | None = None) -> Iterator[str]:
    """The address of one that stands before the service at this address. Its logs are kept in `folder`, if any."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="nginx-") as own:
        process = subprocess.Popen(
            command(folder or Path(own), port, service.removeprefix("http://")), cwd="/"
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(url)
            yield url
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def command(folder: Path, port: int = 8080, service: str = "127.0.0.1:8000") -> list[str]:
    """How to start it with all that it writes in `folder`."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        programs.missing("nginx is not installed")
    (folder / "nginx.conf").write_text(_adapted(folder, port, service), encoding="utf-8")
    # Who is root here gives up no rights: the folder is root's alone.
    user = "user root;" if os.getuid() == 0 else ""
    return [program, "-c", f"{folder}/nginx.conf", "-g", f"daemon off; pid {folder}/pid; {user}"]


def _adapted(folder: Path, port: int, service: str) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in [
        ("/tmp/", f"{folder}/"),
        ("listen 8080", f"listen 127.0.0.1:{port}"),
        ("web:8000", service),
        ("/var/log/nginx/", f"{folder}/"),
    ]:
        assert old in text
        text = text.replace(old, new)
    return text


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            requests.get(f"{url}/nginx-health", timeout=2).raise_for_status()
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
