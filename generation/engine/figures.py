"""What the engine counts while it works: plain numbers, written by its thread, read by any."""

from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

# Seconds; the last of `tick_counts` are those that took longer than all of these.
TICK_BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(slots=True)
class Figures:
    """Sums since the start; seconds are those of the engine's thread.

    `rows / bucket_rows` is the occupancy of the buckets. Of `prompts`, those that were not `prompts_read` were known.
    """

    ticks: int = 0
    rows: int = 0
    bucket_rows: int = 0
    tick_seconds: float = 0.0
    begin_seconds: float = 0.0
    finish_seconds: float = 0.0
    pictures: int = 0
    failures: int = 0
    decodes: int = 0
    prompts: int = 0
    prompts_read: int = 0
    out_of_memory: int = 0
    ticked_at: float | None = None
    tick_counts: list[int] = field(default_factory=lambda: [0] * (len(TICK_BOUNDS) + 1))

    def count_tick(self, rows: int, bucket: int, seconds: float) -> None:
        self.ticks += 1
        self.rows += rows
        self.bucket_rows += bucket
        self.tick_seconds += seconds
        self.tick_counts[bisect_left(TICK_BOUNDS, seconds)] += 1
        self.ticked_at = monotonic()

    @property
    def since_tick(self) -> float | None:
        """Seconds since the last tick ended, if there was one."""
        return None if self.ticked_at is None else monotonic() - self.ticked_at

    def as_dict(self) -> dict[str, Any]:
        """What another process can make something of: `since_tick` in place of a time of this machine's."""
        counted = asdict(self)
        del counted["ticked_at"]
        return counted | {"since_tick": self.since_tick}
