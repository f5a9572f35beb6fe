"""A server of its own, from the start of gunicorn to its first picture, and the memory that it then takes."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

from generation.benchmark.latency import PROMPT

PATIENCE = 300.0
PAUSE = 0.1


class ServerDidNotDrawError(Exception):
    """No picture came."""


@dataclass(frozen=True, slots=True)
class ServerFigures:
    first_picture_seconds: float
    resident_bytes: int


def measure(root: Path, pictures: int = 5) -> ServerFigures:
    """Start `gunicorn` in `root` on a database of its own, and draw a few pictures over HTTP."""
    with TemporaryDirectory() as folder:
        port = _free_port()
        environment = os.environ | {"DATA_DIR": folder, "PORT": str(port), "HOST": "127.0.0.1"}
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=root, env=environment, check=True)
        serve = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi"]
        start = perf_counter()
        process = subprocess.Popen(
            serve, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            token = _register(port, process)
            _draw(port, token, process)
            seconds = perf_counter() - start
            for _ in range(pictures - 1):
                _draw(port, token, process)
            return ServerFigures(seconds, _resident_bytes(process.pid))
        finally:
            process.terminate()
            process.wait()


def _register(port: int, process: subprocess.Popen[bytes]) -> str:
    person = {"email": "benchmark@example.com", "password": token_hex()}
    return _post(port, "register", person, {}, process)["token"]


def _draw(port: int, token: str, process: subprocess.Popen[bytes]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    _post(port, "text-to-image-generator", {"prompt": PROMPT}, headers, process)


def _post(
    port: int, path: str, body: dict[str, str], headers: dict[str, str], process: subprocess.Popen[bytes]
) -> dict[str, Any]:
    """Post until the server is there and no longer answers that the model is loading."""
    deadline = perf_counter() + PATIENCE
    url = f"http://127.0.0.1:{port}/api/v1/{path}"
    headers = headers | {"Content-Type": "application/json"}
    while perf_counter() < deadline and process.poll() is None:
        try:
            with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code != 503:
                raise ServerDidNotDrawError(error.read().decode()) from error
        except URLError:
            pass
        sleep(PAUSE)
    raise ServerDidNotDrawError("The server ended, or did not draw in time.")


def _resident_bytes(pid: int) -> int:
    """Of the server and its worker together."""
    server = psutil.Process(pid)
    return sum(process.memory_info().rss for process in [server, *server.children(recursive=True)])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
