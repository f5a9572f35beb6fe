"""How many requests a second are accepted, while what they ask for is drawn in no time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from generation.benchmark.apart import call_apart
from generation.benchmark.queueing.figures import Row, latencies, machine_load, per_second
from generation.benchmark.queueing.load import ASYNC, load, picture
from generation.benchmark.queueing.sleeper import sleeping
from generation.benchmark.server import running

RATES = (30.0, 60.0, 90.0)
CLIENTS = 8
# Nothing is refused: what is measured is what accepting takes, not when it ends.
ROOM = {"QUEUE_LIMIT": "100000", "DEFAULT_UNFINISHED": "100000", "THREADS": "128"}


def measure(root: Path, seconds: float, repetitions: int, rates: Sequence[float] = RATES) -> Iterator[Row]:
    """A row for each rate and repetition. The clients are threads of a process of their own."""
    with running(root, sleeping(0) | ROOM) as server:
        server.wait_until_ready()
        asked = [
            picture(server.target.tokens[number % len(server.target.tokens)], number, ASYNC)
            for number in range(1000)
        ]
        for rate in [rate for _ in range(repetitions) for rate in rates]:
            before = machine_load()
            answers = call_apart(load, server.target, asked, CLIENTS, seconds, rate)
            yield {
                "offered/s": rate,
                "answered/s": per_second(answers),
                **latencies(answers),
                "not 202": sum(answer.status != 202 for answer in answers),
                "locked": server.log.read_text(errors="replace").count("database is locked"),
                "load": before,
            }
