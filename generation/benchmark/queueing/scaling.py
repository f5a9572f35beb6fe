"""Whether many workers draw as many times more: Celery's, each with an engine that sleeps, one picture at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import sleep

from generation.benchmark.apart import call_apart
from generation.benchmark.queueing.asking import PAUSE, ask, wait_for_workers
from generation.benchmark.queueing.figures import Row, machine_load
from generation.benchmark.queueing.load import ASYNC, load, picture
from generation.benchmark.queueing.sleeper import sleeping
from generation.benchmark.queueing.submits import ROOM
from generation.benchmark.server import Server, running

WORKERS = (1, 16)
SECONDS = 1.0
# Of each worker. Requests come at twice the pace at which they are drawn.
PICTURES = 20


def measure(root: Path, repetitions: int, workers: Sequence[int] = WORKERS) -> Iterator[Row]:
    for number in [number for _ in range(repetitions) for number in workers]:
        with running(root, sleeping(SECONDS) | ROOM | {"WORKER_THREADS": "1"}, workers=number) as server:
            server.wait_until_ready()
            wait_for_workers(server, number)
            yield {"workers": number, **_pace(server, number), "load": machine_load()}


def _pace(server: Server, workers: int) -> Row:
    """Pictures a second, while there was something for everybody to draw."""
    asked = [picture(token, 0, ASYNC) for token in server.target.tokens]
    rate = 2 * workers / SECONDS
    answers = call_apart(load, server.target, asked, 8, workers * PICTURES / rate, rate)
    accepted = sum(answer.status == 202 for answer in answers)
    while len(times := ask(server, "print_times")) < accepted:
        sleep(PAUSE)
    begin, end = sorted(start for _, start, _ in times)[workers], max(start for _, start, _ in times)
    drawn = sum(begin < finished <= end for _, _, finished in times)
    return {"pictures": len(times), "pictures/s": round(drawn / (end - begin), 2), "ideal": workers / SECONDS}
