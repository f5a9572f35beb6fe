"""Engines with a stand-in for the model, for processes that are told by `SD_ENGINE` what draws."""

from dataclasses import replace

from generation.engine import Engine, EngineConfig
from tests.generation import runners


class Quick(Engine):
    """Draws noise at once."""

    runner = "Noise"

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{runners.__name__}.{self.runner}"))


class Slow(Quick):
    """Takes its time for every step."""

    runner = "Slow"


class Stuck(Quick):
    """Stays in its first step."""

    runner = "Stuck"


class Lost(Quick):
    """Loses its device in the first step."""

    runner = "Lost"


class Refused(Quick):
    """Has no model."""

    runner = "Refused"
