"""The broker and the database go away under load: no answer but the right ones and 503, no hang, and back by itself."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests import postgres, redis
from tests.faults.books import Books, summary
from tests.faults.clients import BODY, URL, Clients, register
from tests.faults.houses import House, several

# How long no answer is waited for, and until a picture is drawn again.
PATIENCE = 5.0
DATABASE_SECONDS = 10
BROKER_SECONDS = 60

Outage = Callable[[redis.Server, postgres.Server, float], None]


def stopped_broker(broker: redis.Server, _: postgres.Server, seconds: float) -> None:
    broker.stop()
    time.sleep(seconds)
    broker.start()


def emptied_broker(broker: redis.Server, _: postgres.Server, seconds: float) -> None:
    for _second in range(round(seconds)):
        broker.empty()
        time.sleep(1)


def restarted_database(_: redis.Server, database: postgres.Server, seconds: float) -> None:
    database.stop()
    time.sleep(seconds)
    database.start()


def drawn_again(house: House, headers: dict[str, str], within: float) -> float:
    """The seconds until a picture is drawn through each of those that answer."""
    began = time.monotonic()
    for url in house.urls.values():
        while not _drawn(url, headers):
            assert time.monotonic() - began < within, house.logs()
            time.sleep(0.2)
    return time.monotonic() - began


def _drawn(url: str, headers: dict[str, str]) -> bool:
    try:
        return requests.post(url + URL, json=BODY, headers=headers, timeout=BROKER_SECONDS).status_code == 200
    except requests.RequestException:
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outage", "within"),
    [
        (stopped_broker, BROKER_SECONDS),
        pytest.param(emptied_broker, BROKER_SECONDS, marks=pytest.mark.long),
        (restarted_database, DATABASE_SECONDS),
    ],
)
def test_it_comes_back(
    tmp_path: Path,
    outage: Outage,
    within: float,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = float(pytestconfig.getoption("outage"))
    with ExitStack() as stack:
        database, broker = stack.enter_context(postgres.serving()), stack.enter_context(redis.serving())
        house = stack.enter_context(several(tmp_path, database.url, broker.url))
        urls = list(house.urls.values())
        headers = register(urls[0], "alice@example.com")
        clients = Clients(urls, count=3, patience=PATIENCE)
        clients.start()
        time.sleep(1)
        outage(broker, database, seconds)
        back = drawn_again(house, headers, within)
        clients.stop()
        books = Books.at_rest(house)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{outage.__name__}: {seconds:g} s, back after {back:.1f} s, {len(clients.accepted)} accepted, "
            f"slowest answer {clients.slowest:.2f} s, {summary(books)}"
        )
    assert clients.wrong == []
    books.check(clients.accepted)
