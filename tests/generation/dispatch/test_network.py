"""What processes tell each other over Redis, and how they ring."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from redis import Redis

from generation.dispatch import Ears, Event, Happening
from generation.dispatch.network import NetworkExchange
from tests import redis
from tests.cluster import wait
from tests.server import free_port

Make = Callable[[str], NetworkExchange]
DONE = Event(uuid4(), Happening.SUCCEEDED)
STEP = Event(DONE.generation, Happening.PROGRESS, 3, 20, "UklGRg==")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with redis.running() as address:
        yield address


@pytest.fixture
def two(make: Make, address: str) -> tuple[NetworkExchange, NetworkExchange]:
    """A process that draws, and one that waits; both listen."""
    Redis.from_url(address).flushall()
    # Those of the test before this one may still be listening.
    wait(lambda: listeners(address) == 0)
    here, there = make(address), make(address)
    wait(lambda: listeners(address) == 2)
    return here, there


def listeners(address: str) -> int:
    return int(Redis.from_url(address).pubsub_numsub("generation.news")[0][1])


def heard(ears: Ears, seconds: float = 5) -> Event | None:
    """What comes next, however often the listener is disturbed."""
    return wait(lambda: ears.hear(0.1), seconds)


def test_it_works(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    with there.listening(DONE.generation) as ears:
        here.tell(DONE)
        assert heard(ears) == DONE


def test_what_is_told_is_heard_once_in_the_same_process(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    with here.listening(DONE.generation) as ears, there.listening(DONE.generation) as theirs:
        here.tell(DONE)
        assert (ears.hear(0), heard(theirs)) == (DONE, DONE)
        assert ears.hear(0.2) is None


def test_progress_is_known_until_the_end(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    here.tell(STEP)
    assert wait(lambda: there.progress(STEP.generation)) == STEP
    here.tell(DONE)
    wait(lambda: there.progress(STEP.generation) is None)


def test_whoever_draws_knows_what_is_watched(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    assert not here.watched(STEP.generation)
    with there.listening(STEP.generation, [Happening.PROGRESS]):
        wait(lambda: here.watched(STEP.generation))


def test_each_ring_is_a_task(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    here.ring()
    there.ring()
    wait(lambda: here._doorbell.unheard() == 2)


def test_a_reminder_rings_for_what_nobody_rang_for(two: tuple[NetworkExchange, NetworkExchange]) -> None:
    here, there = two
    here.ring()
    wait(lambda: here._doorbell.unheard() == 1)
    there.remind(3)
    wait(lambda: here._doorbell.unheard() == 3)
    there.remind(3)
    time.sleep(0.3)
    assert here._doorbell.unheard() == 3


def test_a_redis_that_is_gone_costs_nobody_any_time(make: Make) -> None:
    exchange = make(f"redis://127.0.0.1:{free_port()}/0")
    started = time.monotonic()
    with exchange.listening(DONE.generation, [Happening.PROGRESS]) as ears:
        exchange.ring()
        exchange.tell(STEP)
        exchange.ring()
        assert ears.hear(0) == STEP
        assert time.monotonic() - started < 0.5
    exchange.remind(5)
    assert time.monotonic() - started < 2


def test_a_redis_that_comes_back_is_found(make: Make) -> None:
    port = free_port()
    here, there = (make(f"redis://127.0.0.1:{port}/0") for _ in range(2))
    here.ring()
    here.tell(DONE)
    with redis.running(port) as address, there.listening(DONE.generation) as ears:
        wait(lambda: listeners(address) == 2)
        # Neither waits any longer than a second after a failure.
        time.sleep(1.1)
        here.tell(DONE)
        here.ring()
        assert heard(ears) == DONE
        wait(lambda: here._doorbell.unheard() == 1)


def test_nonsense_is_not_heard(two: tuple[NetworkExchange, NetworkExchange], address: str) -> None:
    here, there = two
    for nonsense in (b"\xff", "[]", '{"from": "x", "generation": 1}', '{"from": "x", "watching": 7}'):
        Redis.from_url(address).publish("generation.news", nonsense)
    with there.listening(DONE.generation) as ears:
        here.tell(DONE)
        assert heard(ears) == DONE
