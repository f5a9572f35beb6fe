"""An engine without a model: it sleeps for as long as a picture is to take, and gives always the same one."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from time import sleep
from typing import Any

import numpy as np

from generation.engine import Engine, EngineConfig, ModelFacts
from generation.engine.batch import Member, Tick
from generation.params import GenerationParams, RequestType, SchedulerName

PREFIX = "sleeping:"
SIDE = 128
FACTS = ModelFacts(
    name="sleeping",
    family="none",
    native_width=SIDE,
    native_height=SIDE,
    num_inference_steps=1,
    guidance_scale=1.0,
    scheduler=SchedulerName.DDIM,
    request_types=tuple(RequestType),
    device="none",
    dtype="none",
)


def sleeping(seconds: float) -> dict[str, str]:
    """The settings of a server that takes so long for each picture, and draws one after the other."""
    engine = f"{Sleeping.__module__}.{Sleeping.__name__}"
    return {"SD_ENGINE": engine, "SD_MODEL": f"{PREFIX}{seconds}"}


class Picture:
    """A soft gradient, which takes about as long to encode as what models draw."""

    def __init__(self, params: GenerationParams) -> None:
        self._size = params.height, params.width

    def ready(self) -> bool:
        return True

    def array(self) -> np.ndarray[Any, Any]:
        height, width = self._size
        rows, columns = np.mgrid[0:height, 0:width]
        return np.stack([rows, columns, (rows * columns) // 64], axis=-1).astype(np.uint8)


class Sleeper:
    """Each tick has one row and sleeps for as long as the configuration's model says."""

    facts = FACTS

    def __init__(self, config: EngineConfig) -> None:
        self._seconds = float(config.model.removeprefix(PREFIX))

    def check(self, params: GenerationParams) -> None:
        pass

    def cap(self, key: Hashable) -> int:
        return 1

    def members(self, params: GenerationParams) -> list[Member]:
        return [Member(key="all", rows=1, steps=1) for _ in range(params.num_images)]

    def read(self, requests: Sequence[GenerationParams]) -> None:
        pass

    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        member.state = params

    def tick(self, tick: Tick) -> None:
        sleep(self._seconds)

    def preview(self, member: Member) -> Picture:
        return Picture(member.state)

    def finish(self, member: Member) -> Picture:
        return Picture(member.state)

    def drop(self, member: Member) -> None:
        pass

    def close(self) -> None:
        pass


class Sleeping(Engine):
    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{Sleeper.__module__}.{Sleeper.__name__}"))
