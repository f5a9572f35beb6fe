"""From how many rows on a larger batch no longer makes a row cheaper."""

from collections.abc import Callable, Sequence

# A smaller bucket is preferred to the cheapest where its rows cost at most so much more.
NEARLY = 1.05
# No bucket larger than one that takes this long is tried.
LONG_SECONDS = 1.0
# The buckets are timed in turn, so that a moment's load falls on all of them.
ROUNDS = 4


def most_paying(
    buckets: Sequence[int], prepare: Callable[[int], Callable[[], object]], clock: Callable[[], float]
) -> int:
    """The smallest bucket whose rows are about as cheap as they get.

    `prepare(bucket)` gives what is to be timed; it, or the first call, raises `MemoryError` for what does not fit.
    """
    runs: dict[int, Callable[[], object]] = {}
    shortest: dict[int, float] = {}
    for bucket in buckets:
        try:
            runs[bucket] = prepare(bucket)
            shortest[bucket] = _seconds(runs[bucket], clock)
        except MemoryError:
            break
        if shortest[bucket] > LONG_SECONDS:
            break
    for _ in range(ROUNDS):
        for bucket in shortest:
            if shortest[bucket] <= LONG_SECONDS:
                shortest[bucket] = min(shortest[bucket], _seconds(runs[bucket], clock))
    costs = {bucket: seconds / bucket for bucket, seconds in shortest.items()}
    enough = NEARLY * min(costs.values(), default=0.0)
    return next((bucket for bucket in buckets if costs.get(bucket, enough + 1) <= enough), buckets[0])


def _seconds(run: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    run()
    return clock() - start
