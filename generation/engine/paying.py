"""From how many rows on a larger batch no longer makes a row cheaper."""

from collections.abc import Callable, Mapping, Sequence

# A smaller bucket is preferred to the cheapest where its rows cost at most so much more.
NEARLY = 1.02
# What the engine does between two calls, which more rows share.
HOST_SECONDS = 0.001
# No bucket larger than one that takes this long is tried.
LONG_SECONDS = 1.0
# The buckets are timed in turn, each about as long as the others, so that what else the machine does falls on all
# of them: one call of two rows finds a quiet moment where one of thirty-two does not.
ROUNDS = 5
ROUND_SECONDS = 0.25


def most_paying(
    buckets: Sequence[int], prepare: Callable[[int], Callable[[], object]], clock: Callable[[], float]
) -> int:
    """The smallest bucket whose rows are about as cheap as they get.

    `prepare(bucket)` gives what is to be timed; it, or the first call, raises `MemoryError` for what does not fit.
    """
    runs: dict[int, Callable[[], object]] = {}
    first: dict[int, float] = {}
    for bucket in buckets:
        try:
            run = prepare(bucket)
            first[bucket] = _seconds(run, 1, clock)
        except MemoryError:
            break
        runs[bucket] = run
        if first[bucket] > LONG_SECONDS:
            break
    rounds = [_round(runs, first, clock) for _ in range(ROUNDS)]
    costs = {bucket: min(costs[bucket] for costs in rounds) for bucket in runs}
    enough = NEARLY * min(costs.values(), default=0.0)
    return next((bucket for bucket in buckets if costs.get(bucket, enough + 1) <= enough), buckets[0])


def _round(
    runs: Mapping[int, Callable[[], object]], first: Mapping[int, float], clock: Callable[[], float]
) -> dict[int, float]:
    """Seconds a row in each bucket. A call that was long the first time is not made again."""
    costs = {}
    for bucket, run in runs.items():
        times = max(1, min(max(runs) // bucket, int(ROUND_SECONDS / max(first[bucket], 1e-6))))
        long = first[bucket] > LONG_SECONDS
        seconds = first[bucket] if long else _seconds(run, times, clock) / times
        costs[bucket] = (seconds + HOST_SECONDS) / bucket
    return costs


def _seconds(run: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(times):
        run()
    return clock() - start
