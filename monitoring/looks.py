"""A look at a part that may not answer: nobody waits for it longer than a second. What was seen is kept a moment."""

import logging
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Generic, TypeVar

from django.db import connections

logger = logging.getLogger(__name__)

DEADLINE = 1.0
FRESH = 1.0

T = TypeVar("T")


class Look(Generic[T]):
    """Looks in a thread of its own. While one look hangs no other is begun, and who asks is told so at once."""

    def __init__(self, name: str, probe: Callable[[], T], fresh: float = FRESH) -> None:
        self._name = name
        self._probe = probe
        self._fresh = fresh
        self._seen: T | None = None
        self._good_until = 0.0
        self._began: float | None = None
        self._changed = Condition()

    def begin(self) -> None:
        """Look, unless what was seen is fresh, or somebody looks already."""
        with self._changed:
            if self._began is None and monotonic() >= self._good_until:
                self._began = monotonic()
                Thread(target=self._live, name=f"look-{self._name}", daemon=True).start()

    def result(self) -> T | None:
        """What was seen; None where the part is broken, or has not answered in time."""
        self.begin()
        return self.wait(monotonic() + DEADLINE)

    def wait(self, until: float) -> T | None:
        """The same of what was begun. While somebody looks anew beyond `until`, what was seen before is told."""
        with self._changed:
            while self._began is not None and (left := min(self._began + DEADLINE, until) - monotonic()) > 0:
                self._changed.wait(left)
            hangs = self._began is not None and monotonic() >= self._began + DEADLINE
            return None if hangs else self._seen

    def forget(self) -> None:
        """Look anew next time, once nobody looks any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._began is None, DEADLINE)
            self._good_until = 0.0

    def _live(self) -> None:
        seen: T | None = None
        try:
            seen = self._probe()
        except Exception:
            # Of a part that stays broken it is told once.
            level = logging.DEBUG if self._seen is None and self._good_until else logging.WARNING
            logger.log(level, "%s does not answer", self._name, exc_info=True)
        finally:
            connections.close_all()
        with self._changed:
            self._seen, self._began = seen, None
            self._good_until = monotonic() + self._fresh
            self._changed.notify_all()
