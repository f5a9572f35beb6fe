"""A server of its own for tests that speak to it from outside: gunicorn, a fresh database, a tiny model."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import requests

from tests import evidence

ROOT = Path(__file__).parents[1]
START_SECONDS = 120


@contextmanager
def running(folder: Path, model: Path, **settings: str) -> Iterator[str]:
    """The address of a server that keeps its data in `folder`; `settings` are environment variables."""
    port = free_port()
    environment = (
        os.environ | environment_of(folder, model) | {"HOST": "127.0.0.1", "PORT": str(port)} | settings
    )
    log = folder / "server.log"
    shutil.copytree(empty_service(), folder, dirs_exist_ok=True)
    with log.open("wb") as output, evidence.of_server(str(port), folder):
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi"]
        process = subprocess.Popen(
            gunicorn, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


@cache
def empty_service() -> Path:
    """A data folder with the tables and the static files, which every server begins with: made once."""
    folder = Path(tempfile.mkdtemp(prefix="sdsite-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = environment_of(folder, folder)
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
    (folder / "secret_key").unlink(missing_ok=True)
    return folder


def environment_of(folder: Path, model: Path) -> dict[str, str]:
    return {
        "DATA_DIR": str(folder),
        "SD_MODEL": str(model),
        "SD_DEVICE": "cpu",
        "SD_THREADS": "1",
        "SD_EXECUTOR": "torch",
        # Else every server would measure it, for ten seconds.
        "SD_MAX_ROWS": "8",
        "RATE_LIMITS": "false",
        "DEFAULT_ALLOWANCE": str(2**31 - 1),
        "DEFAULT_UNFINISHED": "256",
        "DJANGO_SETTINGS_MODULE": "tests.server_settings",
    }


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command on a server's data."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=os.environ | environment, check=True
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if healthy(url):
            return
        time.sleep(0.2)
    raise RuntimeError(f"The server is not ready.\n{log.read_text(errors='replace')[-4000:]}")


def healthy(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/health-check", timeout=5).ok
    except requests.RequestException:
        return False
