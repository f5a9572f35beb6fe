"""The last minutes of the service, as this process has seen them, and who waits for the next reading."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from threading import Condition

EVERY = 5.0
KEPT = 60


@dataclass(frozen=True, slots=True)
class Reading:
    number: int
    at: datetime
    values: dict[str, float | None]


class Recent:
    """The last readings. Every method may be called from any thread."""

    def __init__(self, kept: int = KEPT) -> None:
        self._readings: deque[Reading] = deque(maxlen=kept)
        self._number = 0
        self._changed = Condition()

    def put(self, at: datetime, values: dict[str, float | None]) -> None:
        with self._changed:
            self._number += 1
            self._readings.append(Reading(self._number, at, values))
            self._changed.notify_all()

    def after(self, number: int, timeout: float = 0.0) -> list[Reading]:
        """Those that came after this one; waits for one as long as `timeout` says."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, timeout)
            return [reading for reading in self._readings if reading.number > number]


recent = Recent()
