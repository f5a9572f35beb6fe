"""From how many rows on a larger batch no longer makes a row cheaper."""

from collections.abc import Callable, Sequence

# A larger bucket must make a row this much cheaper than the best smaller one.
GAIN = 0.97
# One call longer than this is timed once, and no larger bucket is tried.
LONG_SECONDS = 1.0
REPETITIONS = 4


def most_paying(
    buckets: Sequence[int], prepare: Callable[[int], Callable[[], object]], clock: Callable[[], float]
) -> int:
    """The largest bucket whose rows are cheaper than those of all smaller ones.

    `prepare(bucket)` gives what is to be timed, or raises `MemoryError` where it does not fit.
    """
    best, cheapest = buckets[0], float("inf")
    for bucket in buckets:
        try:
            seconds = _shortest(prepare(bucket), clock)
        except MemoryError:
            break
        if seconds / bucket < GAIN * cheapest:
            best, cheapest = bucket, seconds / bucket
        if seconds > LONG_SECONDS:
            break
    return best


def _shortest(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """Of some calls, the first of which warms up and counts only if it was long."""
    timings: list[float] = []
    while len(timings) < REPETITIONS and (not timings or timings[-1] < LONG_SECONDS):
        start = clock()
        run()
        timings.append(clock() - start)
    return min(timings[1:] or timings)
