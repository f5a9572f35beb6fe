"""From how many rows on a larger batch gains nothing."""

from collections.abc import Callable

import pytest

from generation.engine.paying import most_paying


class Device:
    """Takes `seconds(bucket)` for a call, by a clock of its own; `first` calls are slow."""

    def __init__(self, seconds: Callable[[int], float]) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.calls: list[int] = []

    def prepare(self, bucket: int) -> Callable[[], None]:
        def run() -> None:
            self.now += self.seconds(bucket) * (1 if bucket in self.calls else 2)
            self.calls.append(bucket)

        return run

    def cap(self, *buckets: int) -> int:
        return most_paying(buckets, self.prepare, lambda: self.now)


@pytest.mark.parametrize(
    ("seconds", "cap"),
    [
        (lambda rows: 0.01, 16),
        (lambda rows: 0.06 * rows, 1),
        (lambda rows: 0.06 * max(rows, 4), 4),
        (lambda rows: 0.06 * rows * (1 if rows < 8 else 2), 1),
        # The engine's own millisecond a call is shared by more rows.
        (lambda rows: 0.001 * rows, 16),
    ],
)
def test_it_is_the_bucket_after_which_rows_get_no_cheaper(seconds: Callable[[int], float], cap: int) -> None:
    assert Device(seconds).cap(1, 2, 4, 8, 16) == cap


def test_after_a_long_call_nothing_larger_is_tried() -> None:
    device = Device(lambda rows: 0.6 * rows)
    device.cap(1, 2, 4, 8)
    assert max(device.calls) <= 2


def test_what_does_not_fit_is_not_the_cap() -> None:
    device = Device(lambda rows: 0.01)
    ran: list[int] = []

    def prepare(bucket: int) -> Callable[[], None]:
        if bucket > 2:
            raise MemoryError
        ran.append(bucket)
        return device.prepare(bucket)

    assert most_paying([1, 2, 4, 8], prepare, lambda: device.now) == 2
    assert ran == [1, 2]


def test_small_buckets_are_timed_for_as_many_rows_as_the_large() -> None:
    device = Device(lambda rows: 0.002 * rows)
    device.cap(1, 4, 16)
    assert device.calls.count(1) >= 4 * device.calls.count(4) - 4 >= 16
