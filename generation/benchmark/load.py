"""Drives a server over HTTP: a closed loop of clients, or arrivals that do not wait for answers."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from random import Random
from time import monotonic, sleep

from generation.benchmark.calls import Call, Run, Window
from generation.benchmark.mixes import Job

PATIENCE = 600.0
# Open loop: what arrives in this share of the measured time, before it, is not counted.
RAMP = 0.5
MOST_IN_FLIGHT = 250


class WrongRequestError(Exception):
    """The server refused a request as the client's fault, so that nothing would be measured."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server, and the tokens of its users."""

    host: str
    port: int
    tokens: tuple[str, ...]


def closed_loop(target: Target, streams: list[Iterator[Job]], seconds: float) -> Run:
    """As many clients as there are streams, each sending its next request when it has its answer."""
    window = Window(len(streams), seconds)
    with ThreadPoolExecutor(len(streams)) as pool:
        loops = [
            pool.submit(_client, target, number, stream, window) for number, stream in enumerate(streams)
        ]
        calls = [call for loop in loops for call in loop.result()]
    return Run(tuple(calls), window.begin, window.end)


def _client(target: Target, number: int, stream: Iterator[Job], window: Window) -> list[Call]:
    calls = []
    with closing(connect(target)) as connection:
        while not window.over:
            job = next(stream)
            body = job.body()
            begin = window.start()
            status = 0
            try:
                status = post(connection, target.tokens[number % len(target.tokens)], job.path, body)
            finally:
                end = window.stop(number, begin)
            calls.append(Call(job.kind, begin, end, status, job.params.num_images))
    return calls


def open_loop(target: Target, rate: float, stream: Iterator[Job], seconds: float, seed: int = 0) -> Run:
    """Requests at random moments, `rate` a second, whatever the server does (a Poisson process)."""
    begin = monotonic() + RAMP * seconds
    end = begin + seconds
    calls: list[Future[Call]] = []
    measured: list[Future[Call]] = []
    with ThreadPoolExecutor(MOST_IN_FLIGHT) as pool:
        for number, due in enumerate(arrivals(rate, begin - RAMP * seconds, seed)):
            if due >= end and all(call.done() for call in measured):
                break
            sleep(max(0.0, due - monotonic()))
            calls.append(pool.submit(_call_once, target, number, next(stream), due))
            if begin <= due < end:
                measured.append(calls[-1])
    return Run(tuple(call.result() for call in calls), begin, end)


def arrivals(rate: float, start: float, seed: int) -> Iterator[float]:
    """Moments with exponentially distributed pauses, `rate` of them a second."""
    rng = Random(seed)
    while True:
        start += rng.expovariate(rate)
        yield start


def _call_once(target: Target, number: int, job: Job, due: float) -> Call:
    """Somebody new each time: a server closes a connection that was quiet for a while."""
    with closing(connect(target)) as connection:
        status = post(connection, target.tokens[number % len(target.tokens)], job.path, job.body())
    return Call(job.kind, due, monotonic(), status, job.params.num_images)


def connect(target: Target) -> HTTPConnection:
    return HTTPConnection(target.host, target.port, timeout=PATIENCE)


def post(connection: HTTPConnection, token: str, path: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", f"/api/v1/{path}", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if 400 <= answer.status < 500:
        raise WrongRequestError(f"{answer.status} for {path}: {content[:300].decode(errors='replace')}")
    return answer.status
