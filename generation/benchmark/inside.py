"""Drives an engine in this process, without HTTP: what only the engine can tell."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from time import monotonic, sleep
from typing import Any

from generation.benchmark.apart import Apart
from generation.benchmark.bare import BareLoop
from generation.benchmark.load import arrivals
from generation.benchmark.mixes import Job, MixName, jobs
from generation.benchmark.summary import Spread, percentile, spread
from generation.engine import Engine
from generation.params import GenerationParams

USERS = 32
OCCUPANCY_JOBS = 96
STEP_JOBS = 64
FULL_LOAD = 0.95
# So many that it hardly counts how those who come first wait for the others.
BATCHES = 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """Monotonic moments of one request: given to the engine, its first step begun and done, its pictures there."""

    submitted: float
    first_step_began: float
    first_step: float
    ended: float


def drive(engine: Engine, requests: Iterable[GenerationParams], due: Iterable[float]) -> list[Drawn]:
    """Submit each request at its moment of the monotonic clock, or at once where that is past; wait for all.

    Raises the `EngineError` of the first request that fails.
    """
    tickets = []
    for number, (params, moment) in enumerate(zip(requests, due, strict=False)):
        sleep(max(0.0, moment - monotonic()))
        tickets.append((monotonic(), engine.submit(params, user=number % USERS)))
    drawn = []
    for submitted, ticket in tickets:
        ticket.result()
        assert ticket.first_step_began_at is not None
        assert ticket.first_step_at is not None
        assert ticket.ended_at is not None
        drawn.append(Drawn(submitted, ticket.first_step_began_at, ticket.first_step_at, ticket.ended_at))
    return drawn


def some_jobs(engine: Engine, mix: MixName, count: int, seed: int = 0) -> list[Job]:
    return list(islice(jobs(mix, engine.model, seed), count))


def burst(engine: Engine, requests: list[GenerationParams]) -> float:
    """Seconds for requests that come all at once."""
    start = monotonic()
    drawn = drive(engine, requests, [start] * len(requests))
    return max(one.ended for one in drawn) - start


def occupancy(engine: Engine, requests: list[GenerationParams]) -> float:
    """The share of the buckets' rows that were somebody's, while there was enough to do."""
    before = engine.figures.as_dict()
    burst(engine, requests)
    after = engine.figures.as_dict()
    return (after["rows"] - before["rows"]) / (after["bucket_rows"] - before["bucket_rows"])


def first_steps(engine: Engine, requests: list[GenerationParams], rate: float) -> dict[str, float]:
    """The time to the first step when `rate` requests a second come at random, in seconds and in ticks.

    `ticks` is the median until the step begins, `done_ticks` until it is done, `seconds` and `p99_seconds` as well.
    """
    before = engine.figures.as_dict()
    drawn = drive(engine, requests, arrivals(rate, monotonic(), seed=0))
    after = engine.figures.as_dict()
    tick = (after["tick_seconds"] - before["tick_seconds"]) / (after["ticks"] - before["ticks"])
    begun = spread([one.first_step_began - one.submitted for one in drawn]).median
    waits = [one.first_step - one.submitted for one in drawn]
    done = spread(waits).median
    return {
        "seconds": done,
        "p99_seconds": percentile(waits, 99),
        "ticks": begun / tick,
        "done_ticks": done / tick,
    }


def against_bare(
    engine: Engine, bare: Apart, requests: list[GenerationParams], repetitions: int
) -> tuple[Spread, Spread]:
    """Seconds for `BATCHES` full ticks' pictures: asked of the engine at once, and drawn batch after batch."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(repetitions):
        ours.append(burst(engine, requests * BATCHES))
        theirs.append(sum(bare.call("run").seconds for _ in range(BATCHES)))
    return spread(ours), spread(theirs)


def warm_up(engine: Engine, requests: list[GenerationParams], seconds: float) -> None:
    """Draw for a while: sizes are compiled when they are first met, some in the background."""
    end = monotonic() + seconds
    while monotonic() < end:
        burst(engine, requests)


def measure(engine: Engine, repetitions: int, warm_up_seconds: float) -> dict[str, Any]:
    """All figures of an engine that is ready, with as many pictures as make a full tick."""
    with Apart(BareLoop, engine.config) as bare:
        measured = _measure(engine, bare, repetitions, warm_up_seconds)
        bare.call("close")
        return measured


def _measure(engine: Engine, bare: Apart, repetitions: int, warm_up_seconds: float) -> dict[str, Any]:
    [one] = some_jobs(engine, MixName.A, 1)
    uniform = [job.params for job in some_jobs(engine, MixName.A, bare.call("full_tick", one.params))]
    bare.call("take", uniform)
    warm_up(engine, uniform, warm_up_seconds)
    ours, theirs = against_bare(engine, bare, uniform, repetitions)
    rate = BATCHES * len(uniform) / ours.median
    steady = [job.params for job in some_jobs(engine, MixName.A, STEP_JOBS, seed=1)]
    first_step = first_steps(engine, steady, FULL_LOAD * rate)
    # Last, because its sizes are compiled in the background while others would be measured.
    mixed = [job.params for job in some_jobs(engine, MixName.C, OCCUPANCY_JOBS)]
    warm_up(engine, mixed, warm_up_seconds)
    return {
        "pictures": BATCHES * len(uniform),
        "seconds": {"engine": asdict(ours), "bare loop": asdict(theirs)},
        "overhead": ours.median / theirs.median - 1,
        "images_per_second": rate,
        "occupancy": occupancy(engine, mixed),
        "first_step": first_step,
        "flops_per_image": bare.call("flops_per_image"),
    }
