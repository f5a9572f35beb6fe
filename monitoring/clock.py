"""Whether this machine's clock goes as time does: leases, letters and rate limits go by it."""

import time
from threading import Lock

# Seconds by which the clock may be set at once, and for how long a larger jump is told of.
TOLERANCE = 2.0
TOLD_FOR = 300.0


class Clock:
    """Compares the clock with the time since the machine's start, which nobody sets."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ahead = self._difference()
        self._told_until = 0.0

    @property
    def jumped(self) -> bool:
        """Whether it was set by more than a little, of late."""
        with self._lock:
            before, self._ahead = self._ahead, self._difference()
            if abs(self._ahead - before) > TOLERANCE:
                self._told_until = time.monotonic() + TOLD_FOR
            return time.monotonic() < self._told_until

    def _difference(self) -> float:
        return time.time() - time.monotonic()


clock = Clock()
