"""Takes things to a server that may not answer, so that nobody who sends them has to wait for it."""

import logging
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar, cast

from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

UNREACHABLE = (KombuError, RedisError, OSError)
# Seconds without another try, once the server did not answer.
PAUSE = 1.0
MOST_WAITING = 10_000

T = TypeVar("T")


class End:
    """What is sent to a courier last."""


class Courier(Generic[T]):
    """One thread, which the first thing to take starts.

    What cannot be taken is dropped: whatever it says stands in the rows as well, which are looked at anyway.
    """

    def __init__(self, name: str, take: Callable[[T], None]) -> None:
        self.name = name
        self._take = take
        self._waiting: Queue[T | type[End]] = Queue(MOST_WAITING)
        self._thread: Thread | None = None
        self._starting = Lock()
        self._rest_until = 0.0

    def send(self, thing: T) -> None:
        """Returns at once."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._live, name=self.name, daemon=True)
                self._thread.start()
        with suppress(Full):
            self._waiting.put_nowait(thing)

    def close(self, patience: float) -> None:
        """Take what waits, but for no longer than `patience` seconds."""
        with suppress(Full):
            self._waiting.put_nowait(End)
        if self._thread is not None:
            self._thread.join(patience)

    def _live(self) -> None:
        while (thing := self._waiting.get()) is not End:
            if monotonic() < self._rest_until:
                continue
            try:
                self._take(cast(T, thing))
            except UNREACHABLE as error:
                logger.warning("%s: the server does not answer (%s)", self.name, type(error).__name__)
                self._rest_until = monotonic() + PAUSE
