"""Engines of servers that are to be killed: named in `SD_ENGINE`, they draw noise and need no model."""

import os
import signal
from dataclasses import replace
from time import sleep

from django.conf import settings

from generation.engine import Engine, EngineConfig
from generation.engine.batch import Member, Tick
from generation.params import GenerationParams
from tests.generation.runners import Noise

TICK_SECONDS = 0.02
# The file that one who waits waits for, in the folder of the server's data.
GO = "go"
POISON = "poison"
TICKS = "ticks"


class Sleeper(Noise):
    """Sleeps through every tick. What is asked for as poison ends the process when it is begun."""

    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        if POISON in params.prompt:
            # Whoever asked for it has had an answer by then.
            sleep(0.5)
            os.kill(os.getpid(), signal.SIGKILL)
        super().begin(member, params, index)

    def tick(self, tick: Tick) -> None:
        sleep(TICK_SECONDS)
        super().tick(tick)


class Counter(Noise):
    """Takes long for a tick, and writes a line for each that it begins into a file of the data folder."""

    def tick(self, tick: Tick) -> None:
        with (settings.DATA_DIR / TICKS).open("a") as file:
            file.write(f"{len(tick.members)}\n")
        sleep(0.2)
        super().tick(tick)


class Sleeping(Engine):
    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{Sleeper.__module__}.{Sleeper.__name__}"))


class Patient(Noise):
    """Takes its first step when it is told to go on."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        assert config.cache_dir is not None
        self._go = config.cache_dir.parent / GO

    def tick(self, tick: Tick) -> None:
        while not self._go.exists():
            sleep(TICK_SECONDS)
        super().tick(tick)


class Waiting(Engine):
    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{Patient.__module__}.{Patient.__name__}"))


class Counting(Engine):
    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{Counter.__module__}.{Counter.__name__}"))
