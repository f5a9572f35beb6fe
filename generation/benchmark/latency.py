"""One picture through the engine against the same call to the bare diffusers pipeline, in turn."""

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter
from typing import Any

from generation.benchmark.apart import Apart
from generation.benchmark.mixes import MixName, jobs
from generation.benchmark.stock import StockPipeline
from generation.benchmark.summary import Spread, spread
from generation.engine import Engine, ModelFacts
from generation.params import GenerationParams


def default_params(model: ModelFacts) -> GenerationParams:
    return next(jobs(MixName.A, model, seed=0)).params


def measure(engine: Engine, repetitions: int, warm_up_seconds: float) -> dict[str, Any]:
    """The seconds of both ways, after the engine has drawn for a while and the pipeline once."""
    params = default_params(engine.model)
    with Apart(BarePipeline, engine.config) as bare:
        seconds = compare(engine, bare, params, repetitions, warm_up_seconds)
    values = asdict(params)
    return {
        "params": {
            name: value for name, value in values.items() if name not in ("image", "mask", "strength")
        },
        "repetitions": repetitions,
        "seconds": {name: asdict(value) for name, value in seconds.items()},
        "ratio": seconds["engine"].median / seconds["bare pipeline"].median,
    }


def compare(
    engine: Engine, bare: Apart, params: GenerationParams, repetitions: int, warm_up_seconds: float
) -> dict[str, Spread]:
    ways: dict[str, Callable[[], float]] = {
        "engine": lambda: seconds_of(lambda: engine.submit(params).result()),
        "bare pipeline": lambda: bare.call("seconds", params),
    }
    end = perf_counter() + warm_up_seconds
    for draw in ways.values():
        draw()
    while perf_counter() < end:
        ways["engine"]()
    timings: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions):
        for name, draw in ways.items():
            timings[name].append(draw())
    return {name: spread(values) for name, values in timings.items()}


class BarePipeline(StockPipeline):
    def seconds(self, params: GenerationParams) -> float:
        """How long a picture takes."""
        return seconds_of(lambda: self.draw([params], lambda step, steps: None))


def seconds_of(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
