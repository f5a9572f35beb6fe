"""Looking at a part that hangs or breaks."""

from collections.abc import Iterator
from threading import Event, Thread
from time import monotonic

import pytest

from monitoring import looks
from monitoring.looks import Look


@pytest.fixture
def go() -> Iterator[Event]:
    go = Event()
    yield go
    go.set()


def test_it_works() -> None:
    seen = iter(range(9))
    look = Look("part", lambda: next(seen), fresh=60)
    assert [look.result(), look.result()] == [0, 0]
    look.forget()
    assert look.result() == 1


def test_a_part_that_breaks_says_nothing() -> None:
    assert Look("part", lambda: 1 // 0).result() is None


def test_a_part_that_hangs_costs_a_second_once(go: Event) -> None:
    look = Look("part", go.wait)
    began = monotonic()
    assert look.result() is None
    assert looks.DEADLINE <= monotonic() - began < looks.DEADLINE + 0.5
    began = monotonic()
    assert look.result() is None
    assert monotonic() - began < 0.1
    go.set()
    look.forget()
    assert look.result() is True


def test_a_second_is_all_that_many_parts_take_together(go: Event) -> None:
    """One of them answers at first, and hangs when it is looked at anew."""
    answers = iter([True])
    hanging = Look("one", go.wait)
    fickle = Look("other", lambda: next(answers, None) or go.wait(), fresh=0.5)
    for look in (hanging, fickle):
        look.begin()
    began, until = monotonic(), monotonic() + looks.DEADLINE
    assert hanging.wait(until) is None
    fickle.begin()
    assert fickle.wait(until) is True
    assert monotonic() - began < looks.DEADLINE + 0.2


def test_many_who_ask_share_one_look(go: Event) -> None:
    asked: list[int] = []

    def probe() -> bool:
        asked.append(1)
        return go.wait(5)

    look = Look("part", probe, fresh=60)
    threads = [Thread(target=look.result) for _ in range(20)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert (look.result(), len(asked)) == (True, 1)
