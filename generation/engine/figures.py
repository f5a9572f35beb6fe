"""What the engine counts while it works: plain numbers, written by its thread, read by any."""

from dataclasses import asdict, dataclass
from time import monotonic
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
    ticked_at: float | None = None

    @property
    def since_tick(self) -> float | None:
        """Seconds since the last tick ended, if there was one."""
        return None if self.ticked_at is None else monotonic() - self.ticked_at

    def as_dict(self) -> dict[str, Any]:
        """What another process can make something of: `since_tick` in place of a time of this machine's."""
        counted = asdict(self)
        del counted["ticked_at"]
        return counted | {"since_tick": self.since_tick}
