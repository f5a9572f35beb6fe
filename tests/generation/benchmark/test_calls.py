"""What counts of a load, on calls whose times are made up."""

import pytest

from generation.benchmark.calls import Call, Run

RUN = Run(
    calls=(
        Call("short", 0.0, 1.0, 200),
        Call("short", 9.0, 11.0, 200),
        Call("long", 12.0, 14.0, 200, images=2),
        Call("long", 19.0, 23.0, 200),
        Call("long", 15.0, 16.0, 503),
        Call("long", 21.0, 22.0, 200),
    ),
    begin=10.0,
    end=20.0,
)


def test_a_call_counts_for_the_time_that_it_lies_in_the_window() -> None:
    assert RUN.rate() == pytest.approx((0.5 + 2 + 0.25) / 10)


def test_latencies_are_those_of_calls_that_began_in_the_window() -> None:
    assert RUN.latencies() == [2.0, 4.0]
    assert RUN.latencies("short") == []


def test_what_was_not_drawn_is_a_failure() -> None:
    assert RUN.failures() == 1
