"""How fast it goes: from what was drawn of late to how long something will take."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from generation.params import GenerationParams

SHORTEST, LONGEST = 1, 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """On average a generation took `seconds` to draw and had `work` to do; `at_once` are being drawn now."""

    seconds: float
    work: float
    at_once: int

    def until_free(self, at_once: int | None = None) -> int:
        """Seconds until one of those that are being drawn, or of so many of them, is likely done."""
        return bounded(self.seconds / max(1, self.at_once if at_once is None else at_once))

    def until_done(self, work: float, position: int) -> float:
        """Seconds until one with so much work is likely done, that stands there in the queue."""
        ahead = (position - 1) * self.seconds / max(1, self.at_once)
        return ahead + work / self.work * self.seconds


def bounded(seconds: float) -> int:
    """As `Retry-After` says it."""
    return min(LONGEST, max(SHORTEST, math.ceil(seconds)))


def work_of(params: GenerationParams) -> float:
    return params.width * params.height * params.steps * params.num_images


class Memo(Generic[T]):
    """Keeps what was measured for a moment, since many ask at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None

    def get(self, measure: Callable[[], T]) -> T:
        kept = self._kept
        return kept[1] if kept is not None and monotonic() < kept[0] else self.renew(measure)

    def renew(self, measure: Callable[[], T]) -> T:
        value = measure()
        self._kept = monotonic() + self._seconds, value
        return value

    def clear(self) -> None:
        self._kept = None
