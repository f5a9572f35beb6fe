"""What a load came to: its calls, and the window of time in which they count."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in monotonic seconds. It begins when it is sent or, in an open loop, when it is due."""

    kind: str
    begin: float
    end: float
    status: int
    images: int = 1

    @property
    def seconds(self) -> float:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Run:
    """All calls of a load, and the window of time that counts."""

    calls: tuple[Call, ...]
    begin: float
    end: float

    @property
    def measured(self) -> list[Call]:
        """The calls that began in the window."""
        return [call for call in self.calls if self.begin <= call.begin < self.end]

    def rate(self) -> float:
        """Images per second: of each call, as much as of its time lies in the window."""
        done = (call for call in self.calls if call.status == 200)
        images = sum(call.images * self._inside(call) / max(call.seconds, 1e-9) for call in done)
        return images / (self.end - self.begin)

    def latencies(self, kind: str | None = None) -> list[float]:
        wanted = (call for call in self.measured if call.status == 200)
        return [call.seconds for call in wanted if kind in (None, call.kind)]

    def failures(self) -> int:
        return sum(call.status != 200 for call in self.measured)

    def _inside(self, call: Call) -> float:
        return max(0.0, min(call.end, self.end) - max(call.begin, self.begin))


class Window:
    """Opens when every client has had an answer, and is over when all that began in it has ended.

    Until then everybody goes on, so that what is measured always meets the full load.
    """

    def __init__(self, clients: int, seconds: float) -> None:
        self.begin = self.end = float("inf")
        self._seconds = seconds
        self._unanswered = set(range(clients))
        self._pending = 0
        self._lock = Lock()

    @property
    def over(self) -> bool:
        return monotonic() >= self.end and not self._pending

    def start(self) -> float:
        with self._lock:
            now = monotonic()
            self._pending += self.begin <= now < self.end
            return now

    def stop(self, client: int, began: float) -> float:
        with self._lock:
            now = monotonic()
            self._pending -= self.begin <= began < self.end
            self._unanswered.discard(client)
            if not self._unanswered and self.begin == float("inf"):
                self.begin, self.end = now, now + self._seconds
            return now
