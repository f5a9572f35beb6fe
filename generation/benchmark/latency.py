"""One picture through the engine against the same call to the bare diffusers pipeline, in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

import torch
from PIL.Image import Image

from generation.engine import Engine, EngineConfig, ModelFacts
from generation.engine.loading import load_model
from generation.engine.schedulers import make_scheduler
from generation.params import GenerationParams

PROMPT = "a red house in the snow at night"


@dataclass(frozen=True, slots=True)
class Seconds:
    """The median of some timings, and their first and third quartile."""

    median: float
    low: float
    high: float


def default_params(model: ModelFacts) -> GenerationParams:
    return GenerationParams(
        prompt=PROMPT,
        width=model.native_width,
        height=model.native_height,
        num_inference_steps=model.num_inference_steps,
        guidance_scale=model.guidance_scale,
        scheduler=model.scheduler,
        seed=0,
    )


def compare(engine: Engine, params: GenerationParams, repetitions: int) -> dict[str, Seconds]:
    """Time both ways in turn, after one picture each to warm up."""
    ways: dict[str, Callable[[], list[Image]]] = {
        "engine": lambda: engine.submit(params).result(),
        "bare pipeline": bare_pipeline(engine.config, params),
    }
    timings: dict[str, list[float]] = {name: [] for name in ways}
    for repetition in range(repetitions + 1):
        for name, draw in ways.items():
            start = perf_counter()
            draw()
            if repetition:
                timings[name].append(perf_counter() - start)
    return {name: _summary(values) for name, values in timings.items()}


def bare_pipeline(config: EngineConfig, params: GenerationParams) -> Callable[[], list[Image]]:
    """What a script would do: the stock pipeline, called with the same parameters."""
    pipeline = load_model(config).pipeline
    pipeline.scheduler = make_scheduler(params.scheduler, pipeline.scheduler.config)

    def draw() -> list[Image]:
        return pipeline(
            params.prompt,
            width=params.width,
            height=params.height,
            num_inference_steps=params.num_inference_steps,
            guidance_scale=params.guidance_scale,
            generator=torch.Generator("cpu").manual_seed(params.seed),
        ).images

    return draw


def _summary(values: list[float]) -> Seconds:
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return Seconds(median(values), low, high)
