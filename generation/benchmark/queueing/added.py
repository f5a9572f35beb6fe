"""What the queue adds to a picture that somebody waits for, where nobody else asks for one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from generation.benchmark.queueing.figures import Row, machine_load, percentiles
from generation.benchmark.queueing.load import Answer, connect, content_of, picture, send
from generation.benchmark.queueing.sleeper import sleeping
from generation.benchmark.server import Server, running

REQUESTS = 200
WARM_UP = 20


def measure(root: Path, repetitions: int) -> Iterator[Row]:
    """One request after the other, of pictures that take no time.

    `accepted to started` and `finished to answered` are what the row and the client's clock say of each. They hold all
    of the queue but the claim's and the end's own commits, and also what would be done without one: the charge, the
    last reading of the row, the answer with its picture. So the queue adds at most their sum.
    """
    with running(root, sleeping(0)) as server:
        server.wait_until_ready()
        _draw(server, WARM_UP)
        for _ in range(repetitions):
            before = machine_load()
            answers = _draw(server, REQUESTS)
            told = [(answer, content_of(answer)) for answer in answers]
            waits = [_milliseconds(one["created_at"], one["started_at"]) for _, one in told]
            ends = [(answer.end - _seconds(one["finished_at"])) * 1000 for answer, one in told]
            for what, values in {
                "accepted to started": waits,
                "finished to answered": ends,
                "both": [wait + end for wait, end in zip(waits, ends, strict=True)],
                "the whole request": [answer.milliseconds for answer in answers],
            }.items():
                yield {"of 200": what, **percentiles(values, 50, 95, 99), "load": before}


def _draw(server: Server, requests: int) -> list[Answer]:
    with closing(connect(server.target)) as connection:
        return [send(connection, picture(server.target.tokens[0], number)) for number in range(requests)]


def _milliseconds(start: Any, end: Any) -> float:
    return (_seconds(end) - _seconds(start)) * 1000


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
