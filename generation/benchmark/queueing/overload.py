"""Ten times what can be drawn: who is let in, how the others are refused, and whether all else goes on."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import fmean
from time import sleep, time
from typing import Any

from generation.benchmark.apart import call_apart
from generation.benchmark.queueing.asking import ask
from generation.benchmark.queueing.figures import Row, latencies, machine_load, percentiles
from generation.benchmark.queueing.load import ASYNC, Answer, Asked, connect, load, picture, send
from generation.benchmark.queueing.sleeper import sleeping
from generation.benchmark.server import Server, running

SECONDS_EACH = 0.2
TIMES = 10
LIMIT = 32
CLIENTS = 16
HEALTH = Asked("GET", "/api/v1/health-check", {})
HEALTH_RATE = 5.0
# The queue is given so long to fill before it is looked at.
RAMP = 3.0


def measure(root: Path, seconds: float, repetitions: int) -> Iterator[Row]:
    settings = sleeping(SECONDS_EACH) | {"QUEUE_LIMIT": str(LIMIT), "THREADS": "128"}
    with running(root, settings) as server:
        server.wait_until_ready()
        # What a first request loads is no growth.
        call_apart(load, server.target, _asked(server), CLIENTS, RAMP, 4 / SECONDS_EACH)
        for _ in range(repetitions):
            before = {"load": machine_load()}
            _until_drawn(server)
            yield _overload(server, seconds) | before


def _overload(server: Server, seconds: float) -> Row:
    memory = server.resident_bytes()
    with ThreadPoolExecutor() as pool:
        watched = pool.submit(_watch, server, seconds - RAMP)
        healthy = pool.submit(load, server.target, [HEALTH], 1, seconds, HEALTH_RATE)
        rate = TIMES / SECONDS_EACH
        answers = call_apart(load, server.target, _asked(server), CLIENTS, seconds, rate)
        grown = server.resident_bytes() - memory
        normal = _until_drawn(server)
    return (
        _refusals(answers)
        | _unfinished(watched.result())
        | _health(healthy.result())
        | {
            "memory MiB": round(memory / 2**20),
            "grown MiB": round(grown / 2**20, 1),
            "normal after s": round(normal, 1),
        }
    )


def _asked(server: Server) -> list[Asked]:
    """All users but the last, who comes when it is over."""
    return [picture(token, 0, ASYNC) for token in server.target.tokens[:-1]]


def _watch(server: Server, seconds: float) -> list[int]:
    sleep(RAMP)
    seen: list[int] = ask(server, "print_unfinished", seconds - RAMP)
    return seen


def _until_drawn(server: Server) -> float:
    """Seconds until somebody who asks for a picture, again whenever they are refused, has it."""
    began = time()
    with closing(connect(server.target)) as connection:
        while send(connection, picture(server.target.tokens[-1], 0)).status != 200:
            sleep(0.1)
    return time() - began


def _refusals(answers: list[Answer]) -> Row:
    refused = [answer for answer in answers if answer.status == 503]
    said: Counter[Any] = Counter(answer.retry_after for answer in refused)
    return {
        "asked": len(answers),
        "accepted": sum(answer.status == 202 for answer in answers),
        "refused": len(refused),
        "neither": sum(answer.status not in (202, 503) for answer in answers),
        "refused p95 ms": latencies(refused)["p95 ms"],
        "retry after": ", ".join(f"{wait}: {count}" for wait, count in said.most_common(3)),
    }


def _unfinished(seen: list[int]) -> Row:
    full = fmean(count >= LIMIT - 1 for count in seen)
    return {"most unfinished": max(seen), "at the limit, or one less": f"{full:.1%}"}


def _health(answers: list[Answer]) -> Row:
    p99 = percentiles([answer.milliseconds for answer in answers], 99)["p99 ms"]
    return {"health p99 ms": p99, "not healthy": sum(answer.status != 200 for answer in answers)}
