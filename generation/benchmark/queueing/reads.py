"""How many looks at a generation a second are answered, over fifty connections."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from generation.benchmark.apart import call_apart
from generation.benchmark.queueing.figures import Row, latencies, machine_load, per_second
from generation.benchmark.queueing.load import Asked, connect, content_of, load, picture, read, send
from generation.benchmark.queueing.sleeper import sleeping
from generation.benchmark.server import HOST, Server, running

CONNECTIONS = 50
RATE = 150.0
# Until every thread of the server has its connection to the database.
WARM_UP = 4.0
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def measure(root: Path, seconds: float, repetitions: int) -> Iterator[Row]:
    """For each repetition a row of what is asked at a rate, and one of the most that can be."""
    with running(root, sleeping(0)) as server:
        server.wait_until_ready()
        asked = [_drawn(server, token) for token in server.target.tokens]
        call_apart(load, server.target, asked, CONNECTIONS, WARM_UP)
        for _ in range(repetitions):
            yield _by_threads(server, asked, seconds, RATE)
            wrk = shutil.which("wrk")
            yield _by_wrk(wrk, server, asked[0], seconds) if wrk else _by_threads(server, asked, seconds)


def _drawn(server: Server, token: str) -> Asked:
    """A look at something that a user has drawn."""
    with closing(connect(server.target)) as connection:
        generation = content_of(send(connection, picture(token, 0)))["id"]
    return read(token, f"generations/{generation}?images=url")


def _by_threads(server: Server, asked: list[Asked], seconds: float, rate: float | None = None) -> Row:
    before = machine_load()
    answers = call_apart(load, server.target, asked, CONNECTIONS, seconds, rate)
    return {
        "offered/s": rate or "closed loop",
        "answered/s": per_second(answers),
        **latencies(answers),
        "not 200": sum(answer.status != 200 for answer in answers),
        "load": before,
    }


def _by_wrk(wrk: str, server: Server, asked: Asked, seconds: float) -> Row:
    before = machine_load()
    header = f"Authorization: {asked.headers['Authorization']}"
    command = [wrk, "-t2", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-H", header]
    url = f"http://{HOST}:{server.target.port}{asked.path}"
    told = subprocess.run([*command, url], stdout=subprocess.PIPE, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return {
        "offered/s": "closed loop, wrk",
        "answered/s": float(_find(r"Requests/sec:\s+([\d.]+)", told)[1]),
        "p50 ms": _latency(50, told),
        "p95 ms": "",
        "p99 ms": _latency(99, told),
        "not 200": int(failed[1]) if failed else 0,
        "load": before,
    }


def _latency(percent: int, told: str) -> float:
    found = _find(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", told)
    return round(float(found[1]) * UNITS[found[2]], 1)


def _find(pattern: str, told: str) -> re.Match[str]:
    found = re.search(pattern, told)
    if found is None:
        raise ValueError(f"wrk says something else:\n{told}")
    return found
