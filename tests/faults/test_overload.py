"""Many more than the queue takes come at once: as many as it says are let in, the others told when to come again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event

import pytest
import requests

from tests.faults.books import Books
from tests.faults.clients import BODY, URL, register
from tests.faults.engines import GO
from tests.faults.houses import House, many_machines, one_machine

LIMIT = 8
AT_ONCE = 48


def ask(url: str, user: dict[str, str]) -> requests.Response:
    return requests.post(url + URL, json=BODY, headers=user | {"Prefer": "respond-async"}, timeout=30)


def watch_health(url: str, over: Event) -> set[int]:
    """The status of every answer until then."""
    answered = set()
    while not over.wait(0.05):
        answered.add(requests.get(f"{url}/api/v1/health-check", timeout=30).status_code)
    return answered


@pytest.mark.slow
@pytest.mark.parametrize("build", [one_machine, pytest.param(many_machines, marks=pytest.mark.long)])
def test_it_works(tmp_path: Path, build: Callable[..., AbstractContextManager[House]]) -> None:
    over = Event()
    waiting = build(tmp_path, SD_ENGINE="tests.faults.engines.Waiting", QUEUE_LIMIT=str(LIMIT))
    with waiting as house, ThreadPoolExecutor(AT_ONCE + 1) as pool:
        urls = list(house.urls.values())
        users = [register(urls[0], f"{name}@example.com") for name in ("alice", "bob", "eve")]
        health = pool.submit(watch_health, urls[0], over)
        try:
            answers = list(pool.map(lambda n: ask(urls[n % len(urls)], users[n % 3]), range(AT_ONCE)))
        finally:
            over.set()
        accepted = {answer.json()["id"] for answer in answers if answer.status_code == 202}
        refused = [answer for answer in answers if answer.status_code != 202]
        (tmp_path / GO).touch()
        Books.at_rest(house).check({one: one for one in accepted})
        assert ask(urls[-1], users[0]).status_code == 202
        Books.at_rest(house)
    assert len(accepted) == LIMIT
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "queue_full")}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert health.result() == {200}
