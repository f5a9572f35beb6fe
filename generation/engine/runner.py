"""What the engine's thread drives: the one side that knows torch, behind plain calls."""

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import numpy as np

from generation.engine.batch import Member, Tick
from generation.engine.config import EngineConfig, ModelFacts
from generation.params import GenerationParams


class Pending(Protocol):
    """A picture that the device is still at."""

    def ready(self) -> bool:
        """Whether `array` would not have to wait."""

    def array(self) -> np.ndarray[Any, Any]:
        """uint8 [H, W, 3]. May raise `InvalidOutput` or `ContentBlocked`."""


class Runner(Protocol):
    """Holds the model. Made on the engine's thread and called by it alone, but for `check`.

    Any call may raise `OutOfMemory`, which leaves the members as they were, or `DeviceLost`, after which
    nothing works any more.
    """

    facts: ModelFacts

    def __init__(self, config: EngineConfig) -> None: ...

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for what this model cannot draw. Cheap, and safe from any thread."""

    def cap(self, key: Hashable) -> int:
        """The rows from which on a tick of this key gains nothing any more."""

    def members(self, params: GenerationParams) -> list[Member]:
        """One member for each picture of a request, without state."""

    def read(self, requests: Sequence[GenerationParams]) -> int:
        """Read the prompts of several requests at once, so that `begin` finds them read; say how many were new."""

    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        """Give the member of picture `index` its first latents."""

    def tick(self, tick: Tick) -> None:
        """Take every member of the tick one step further, or none of them."""

    def preview(self, member: Member) -> Pending:
        """A small picture of what the member is about to be."""

    def finish(self, member: Member) -> Pending:
        """The picture of a member that has done its steps."""

    def drop(self, member: Member) -> None:
        """Forget the member's state."""

    def close(self) -> None:
        """Give back what outlives the thread."""
