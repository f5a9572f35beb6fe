"""What the engine counts while it works: plain numbers, written by its thread, read by any."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Figures:
    """Sums since the start; seconds are those of the engine's thread.

    `rows / bucket_rows` is the occupancy of the buckets.
    """

    ticks: int = 0
    rows: int = 0
    bucket_rows: int = 0
    tick_seconds: float = 0.0
    begin_seconds: float = 0.0
    finish_seconds: float = 0.0
    pictures: int = 0
    failures: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
