"""What one listener has yet to hear."""

from collections import deque
from collections.abc import Collection
from dataclasses import replace
from threading import Condition

from generation.dispatch.events import Event, Happening


class Ears:
    """Events in the order in which they were told; of progress, the latest with the latest preview."""

    def __init__(self, wanted: Collection[Happening]) -> None:
        self.wanted = wanted
        self._unheard: deque[Event] = deque()
        self._disturbed = False
        self._changed = Condition()

    def put(self, event: Event) -> None:
        with self._changed:
            if self._unheard and event.happening == self._unheard[-1].happening == Happening.PROGRESS:
                earlier = self._unheard.pop()
                event = replace(event, preview=event.preview or earlier.preview)
            self._unheard.append(event)
            self._changed.notify()

    def disturb(self) -> None:
        """Let whoever is listening look up, though there is nothing to hear."""
        with self._changed:
            self._disturbed = True
            self._changed.notify()

    def hear(self, timeout: float) -> Event | None:
        """The next event; None where nothing was told in `timeout` seconds, or the listener was disturbed."""
        with self._changed:
            self._changed.wait_for(lambda: self._unheard or self._disturbed, timeout)
            self._disturbed = False
            return self._unheard.popleft() if self._unheard else None
