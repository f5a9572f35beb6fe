"""A server of one process that ends while it draws: what each client is told, and what the next one finishes."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests import evidence
from tests.cluster import Client, Cluster, Web, wait
from tests.server import environment_of, manage

SLOW = "tests.generation.stand_ins.Slow"
SECONDS = 4.5
LONG = 150

pytestmark = pytest.mark.slow
Answer = Future[requests.Response]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[tuple[Cluster, Web]]:
    """A server that draws one at a time, and takes a while for each."""
    house = Cluster(
        folder, **environment_of(folder, folder) | {"SD_ENGINE": SLOW, "WORKER_THREADS": "1"} | settings
    )
    with evidence.of_server(folder.name, folder):
        manage(house.environment, "migrate", "--verbosity", "0")
        try:
            web = house.web()
            wait(web.healthy)
            yield house, web
        finally:
            house.stop()


def ask(alice: Client, pool: ThreadPoolExecutor) -> tuple[Answer, list[Answer]]:
    """One that is being drawn, and two that wait behind it."""
    first = pool.submit(alice.draw, num_inference_steps=LONG)
    wait(lambda: states(alice) == ["running"])
    rest = [pool.submit(alice.draw, num_inference_steps=2) for _ in range(2)]
    wait(lambda: states(alice) == ["queued", "queued", "running"])
    return first, rest


def states(alice: Client) -> list[str]:
    return sorted(row["status"] for row in alice.get("/api/v1/generations").json()["results"])


def is_finished_by_the_next(house: Cluster, alice: Client) -> None:
    web = house.web()
    wait(web.healthy)
    wait(lambda: states(alice.at(web.url)) == ["succeeded"] * 3)


def test_it_works(tmp_path: Path) -> None:
    with serving(tmp_path, SHUTDOWN_GRACE="20") as (house, web), ThreadPoolExecutor() as pool:
        alice = web.register("alice")
        first, rest = ask(alice, pool)
        web.process.terminate()
        assert [answer.result(3).status_code for answer in rest] == [202, 202]
        assert first.result(10).status_code == 200
        web.process.wait(5)
        is_finished_by_the_next(house, alice)


def test_what_is_not_done_within_the_grace_is_left_to_the_next(tmp_path: Path) -> None:
    with serving(tmp_path, SHUTDOWN_GRACE="1") as (house, web), ThreadPoolExecutor() as pool:
        alice = web.register("alice")
        first, rest = ask(alice, pool)
        told = time.monotonic()
        web.process.terminate()
        assert [answer.result(10).status_code for answer in (first, *rest)] == [202] * 3
        web.process.wait(5)
        assert time.monotonic() - told < SECONDS
        is_finished_by_the_next(house, alice)


def test_whoever_presses_keys_waits_for_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, SHUTDOWN_GRACE="20") as (house, web), ThreadPoolExecutor() as pool:
        alice = web.register("alice")
        ask(alice, pool)
        web.process.send_signal(2)
        web.process.wait(5)
        is_finished_by_the_next(house, alice)
