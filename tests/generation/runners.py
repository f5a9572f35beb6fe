"""Stand-ins for the model: runners that are named in the configuration and need no torch."""

from collections.abc import Callable, Hashable, Sequence
from threading import Event
from time import sleep
from typing import Any

import numpy as np

from generation.engine.batch import Member, Tick
from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.errors import DeviceLost, InvalidOutput, ModelRefused, OutOfMemory
from generation.params import GenerationParams, RequestType, SchedulerName

FACTS = ModelFacts(
    name="fake",
    family="stable-diffusion",
    native_width=64,
    native_height=64,
    num_inference_steps=2,
    guidance_scale=7.5,
    scheduler=SchedulerName.DDIM,
    request_types=tuple(RequestType),
    device="cpu",
    dtype="float32",
)


class Done:
    """A picture, or the error that came instead of one."""

    def __init__(self, make: Callable[[], np.ndarray[Any, Any]]) -> None:
        self._make = make

    def ready(self) -> bool:
        return True

    def array(self) -> np.ndarray[Any, Any]:
        return self._make()


class Noise:
    """Draws noise from the seed. `ticks` are those that ran, `latents` a number for each member under way."""

    facts = FACTS

    def __init__(self, config: EngineConfig) -> None:
        self.ticks: list[Tick] = []
        self.states: list[Any] = []

    def check(self, params: GenerationParams) -> None:
        pass

    def cap(self, key: Hashable) -> int:
        return 8

    def members(self, params: GenerationParams) -> list[Member]:
        return [
            Member(key=(params.height, params.width), rows=2 if params.guided else 1, steps=params.steps)
            for _ in range(params.num_images)
        ]

    def read(self, requests: Sequence[GenerationParams]) -> int:
        return 0

    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        member.state = params.seeds()[index], params
        self.states.append(member.state)

    def tick(self, tick: Tick) -> None:
        self.ticks.append(tick)

    def preview(self, member: Member) -> Done:
        return Done(lambda: np.full((8, 8, 3), member.done, np.uint8))

    def finish(self, member: Member) -> Done:
        seed, params = member.state
        return Done(lambda: picture(seed, params))

    def drop(self, member: Member) -> None:
        self.states.remove(member.state)

    def close(self) -> None:
        pass


def picture(seed: int, params: GenerationParams) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (params.height, params.width, 3), dtype=np.uint8)


class Exploding(Noise):
    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        raise RuntimeError("a secret of the machine")


class Full(Noise):
    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        raise OutOfMemory("too large")


class Blank(Noise):
    def finish(self, member: Member) -> Done:
        def fail() -> np.ndarray[Any, Any]:
            raise InvalidOutput("not finite")

        return Done(fail)


class Held(Noise):
    """Takes a tick whenever it is let go; until then its members stay at the first step."""

    go = Event()

    def tick(self, tick: Tick) -> None:
        if not Held.go.wait(0.01):
            for member in tick.members:
                member.done -= 1
        super().tick(tick)


class Stuck(Noise):
    """Stays in its first tick until it is let go."""

    go = Event()

    def tick(self, tick: Tick) -> None:
        Stuck.go.wait(30)


class Lost(Noise):
    def tick(self, tick: Tick) -> None:
        raise DeviceLost("an illegal memory access")


class Poisoned(Noise):
    """A tick with seed 13 in it fails as a whole."""

    def tick(self, tick: Tick) -> None:
        if any(member.state[0] == 13 for member in tick.members):
            raise RuntimeError("poison")
        super().tick(tick)


class Small(Noise):
    """Has memory for two rows; pictures of 128 pixels do not fit at all."""

    def tick(self, tick: Tick) -> None:
        if tick.bucket > 2 or tick.key == (128, 128):
            raise OutOfMemory("too many rows")
        super().tick(tick)


class SlowToLoad(Noise):
    go = Event()

    def __init__(self, config: EngineConfig) -> None:
        SlowToLoad.go.wait(30)
        super().__init__(config)


class Refused(Noise):
    def __init__(self, config: EngineConfig) -> None:
        raise ModelRefused("weights.bin: only .safetensors weights are loaded")


class Broken(Noise):
    def __init__(self, config: EngineConfig) -> None:
        raise RuntimeError("no such device")


class Slow(Noise):
    """Takes its time for every tick."""

    def tick(self, tick: Tick) -> None:
        sleep(0.03)
        super().tick(tick)
