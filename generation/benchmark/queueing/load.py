"""Loads over a few connections that are kept: paced by a clock, or as fast as answers come."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Lock
from typing import Any

from generation.benchmark.load import Target

PATH = "/api/v1/text-to-image-generator"
ASYNC = {"Prefer": "respond-async"}
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, without its host."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds of the wall's clock. A paced request begins when it is due; `status` is 0 where nothing was answered."""

    begin: float
    end: float
    status: int
    content: bytes = b""
    retry_after: str | None = None

    @property
    def milliseconds(self) -> float:
        return (self.end - self.begin) * 1000


def picture(token: str, number: int, headers: dict[str, str] | None = None) -> Asked:
    body = json.dumps({"prompt": f"a red house in the snow, {number}", "seed": number}).encode()
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return Asked("POST", PATH, sent | (headers or {}), body)


def read(token: str, path: str) -> Asked:
    return Asked("GET", f"/api/v1/{path}", {"Authorization": f"Bearer {token}"})


def load(
    target: Target, asked: Sequence[Asked], connections: int, seconds: float, rate: float | None = None
) -> list[Answer]:
    """Send these over and over, `rate` a second in all; without a rate, each connection when it has its answer."""
    numbers, lock, start = count(), Lock(), time.time()

    def due() -> tuple[int, float]:
        with lock:
            number = next(numbers)
        return number, time.time() if rate is None else start + number / rate

    def send_on() -> list[Answer]:
        answers: list[Answer] = []
        with closing(connect(target)) as connection:
            while True:
                number, begin = due()
                if begin >= start + seconds:
                    return answers
                time.sleep(max(0.0, begin - time.time()))
                answers.append(send(connection, asked[number % len(asked)], begin))

    with ThreadPoolExecutor(connections) as pool:
        senders = [pool.submit(send_on) for _ in range(connections)]
        return [answer for sender in senders for answer in sender.result()]


def connect(target: Target) -> HTTPConnection:
    return HTTPConnection(target.host, target.port, timeout=PATIENCE)


def send(connection: HTTPConnection, asked: Asked, begin: float | None = None) -> Answer:
    """Tries twice: a server closes a connection that was quiet for a while, and the first to notice is the client."""
    begin = time.time() if begin is None else begin
    for _ in range(2):
        try:
            connection.request(asked.method, asked.path, asked.body, asked.headers)
            response = connection.getresponse()
            content = response.read()
        except (HTTPException, OSError):
            connection.close()
        else:
            return Answer(begin, time.time(), response.status, content, response.headers["Retry-After"])
    return Answer(begin, time.time(), 0)


def content_of(answer: Answer) -> Any:
    """What was answered. Raises `AssertionError` where that is no success."""
    if not 200 <= answer.status < 300:
        raise AssertionError(f"{answer.status}: {answer.content[:300].decode(errors='replace')}")
    return json.loads(answer.content)
