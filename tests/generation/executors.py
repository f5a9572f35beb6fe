"""Stand-ins for the pipeline: engines that are named in the configuration and need no torch."""

from collections.abc import Callable
from threading import Event

import numpy as np
from PIL import Image

from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.errors import InvalidOutput, ModelRefused, OutOfMemory
from generation.params import GenerationParams, SchedulerName

OnStep = Callable[[int, int], None]

FACTS = ModelFacts(
    name="fake",
    family="stable-diffusion",
    native_width=64,
    native_height=64,
    num_inference_steps=2,
    guidance_scale=7.5,
    scheduler=SchedulerName.DDIM,
    device="cpu",
    dtype="float32",
)


class Noise:
    """Draws noise from the seed."""

    facts = FACTS

    def __init__(self, config: EngineConfig) -> None:
        pass

    def check(self, params: GenerationParams) -> None:
        pass

    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image.Image]:
        for step in range(params.num_inference_steps):
            on_step(step + 1, params.num_inference_steps)
        return [self.picture(params, seed) for seed in params.seeds()]

    def picture(self, params: GenerationParams, seed: int) -> Image.Image:
        rng = np.random.default_rng(seed)
        return Image.fromarray(rng.integers(0, 256, (params.height, params.width, 3), dtype=np.uint8))


class Exploding(Noise):
    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image.Image]:
        raise RuntimeError("a secret of the machine")


class Full(Noise):
    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image.Image]:
        raise OutOfMemory("too large")


class Blank(Noise):
    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image.Image]:
        raise InvalidOutput("not finite")


class Held(Noise):
    """Takes a step whenever it is let go, and otherwise every 10 ms looks whether it was cancelled."""

    go = Event()

    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image.Image]:
        while not Held.go.wait(0.01):
            on_step(1, 2)
        return super().draw(params, on_step)


class SlowToLoad(Noise):
    go = Event()

    def __init__(self, config: EngineConfig) -> None:
        SlowToLoad.go.wait(30)


class Refused(Noise):
    def __init__(self, config: EngineConfig) -> None:
        raise ModelRefused("weights.bin: only .safetensors weights are loaded")


class Broken(Noise):
    def __init__(self, config: EngineConfig) -> None:
        raise RuntimeError("no such device")
