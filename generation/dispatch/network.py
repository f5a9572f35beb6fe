"""The exchange of many processes: rings go through Celery's broker, news through Redis.

Both may be gone for a while. Nobody waits for them: rows are looked at every few seconds anyway.
"""

import atexit
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

from django.conf import settings

from generation.dispatch.bell import Bell
from generation.dispatch.courier import UNREACHABLE, Courier
from generation.dispatch.ears import Ears
from generation.dispatch.events import ENDS, Event, Happening
from generation.dispatch.exchange import Exchange
from generation.dispatch.radio import Radio, Record

logger = logging.getLogger(__name__)

# Seconds between two tellings of what is being watched, and for how long one holds.
WATCH_EVERY = 2.0
WATCHED_FOR = 6.0
# The most rings at a time: they are meant for what lies, and the rest of it is reminded of next time.
MOST_RINGS = 1000
PATIENCE = 1.0


class NetworkExchange(Exchange):
    """What is told in this process is heard in it at once, and in the others a moment later."""

    def __init__(self) -> None:
        super().__init__()
        self._watched_until: dict[UUID, float] = {}
        self._told_watches = 0.0
        self._doorbell = Bell()
        self._ringer: Courier[None] = Courier("bell", lambda _: self._doorbell.ring())
        self._radio = Radio(settings.REDIS_URL, self._hear, self.disturb, self._tell_watches)
        # What a command has told last is on its way when the command ends.
        atexit.register(self.end)

    def ring(self) -> None:
        self._ringer.send(None)

    def remind(self, lying: int) -> None:
        try:
            unheard = self.unheard()
        except UNREACHABLE as error:
            logger.warning("the broker does not answer (%s)", type(error).__name__)
            return
        for _ in range(min(lying - unheard, MOST_RINGS)):
            self.ring()

    def unheard(self) -> int:
        return self._doorbell.unheard()

    @contextmanager
    def listening(self, generation: UUID, to: Collection[Happening] = ENDS) -> Iterator[Ears]:
        with super().listening(generation, to) as ears:
            if Happening.PROGRESS in to:
                self._say_watching([generation])
            yield ears

    def watched(self, generation: UUID) -> bool:
        return self._watched_until.get(generation, 0.0) > monotonic() or super().watched(generation)

    def tell(self, event: Event) -> None:
        super().tell(event)
        self._radio.say(event.record())

    def end(self) -> None:
        atexit.unregister(self.end)
        self._ringer.close(PATIENCE)
        self._radio.close()
        self._doorbell.close()

    def _hear(self, record: Record) -> None:
        if "watching" in record:
            self._note_watched([UUID(name) for name in record["watching"]])
        else:
            super().tell(Event.of_record(record))

    def _note_watched(self, generations: Collection[UUID]) -> None:
        now = monotonic()
        for generation in [name for name, until in self._watched_until.items() if until < now]:
            del self._watched_until[generation]
        self._watched_until |= dict.fromkeys(generations, now + WATCHED_FOR)

    def _tell_watches(self) -> None:
        """Whoever draws what is watched here has to hear of it again and again: it may have only begun."""
        if monotonic() - self._told_watches < WATCH_EVERY:
            return
        self._told_watches = monotonic()
        with self._lock:
            watched = [
                name
                for name, listeners in self._ears.items()
                if any(Happening.PROGRESS in ears.wanted for ears in listeners)
            ]
        if watched:
            self._say_watching(watched)

    def _say_watching(self, generations: Collection[UUID]) -> None:
        self._radio.say({"watching": [str(generation) for generation in generations]})
