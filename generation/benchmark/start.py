"""From the start of gunicorn to the first picture, and the memory that the server then takes."""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from time import perf_counter, sleep

from generation.benchmark.load import connect, post
from generation.benchmark.server import PATIENCE, PAUSE, Server, ServerDidNotStartError, running

PATH = "text-to-image-generator"
BODY = json.dumps({"prompt": "a red house in the snow at night"}).encode()


@dataclass(frozen=True, slots=True)
class StartFigures:
    first_picture_seconds: float
    resident_bytes: int


def measure(root: Path, settings: dict[str, str], pictures: int = 5) -> StartFigures:
    """Start a server in `root` that keeps nothing from earlier ones, and draw a few pictures over HTTP."""
    with running(root, settings) as server:
        _draw(server)
        seconds = perf_counter() - server.started
        for _ in range(pictures - 1):
            _draw(server)
        return StartFigures(seconds, server.resident_bytes())


def _draw(server: Server) -> None:
    """Ask until the server is there and no longer answers that the model is loading."""
    deadline = perf_counter() + PATIENCE
    while perf_counter() < deadline and server.process.poll() is None:
        try:
            with closing(connect(server.target)) as connection:
                if post(connection, server.target.tokens[0], PATH, BODY) == 200:
                    return
        except (HTTPException, ConnectionError):
            pass
        sleep(PAUSE)
    raise ServerDidNotStartError(server.log.read_text(errors="replace")[-2000:])
