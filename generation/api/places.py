"""How many threads of this process may be kept waiting, so that some are always left for those who only ask."""

from threading import Lock

from django.conf import settings


class Places:
    """As many as the setting of this name says."""

    def __init__(self, setting: str) -> None:
        self._setting = setting
        self._taken = 0
        self._lock = Lock()

    def take(self) -> bool:
        """Take one; say whether there was one left. Whoever was given one has to leave it."""
        with self._lock:
            if self._taken >= getattr(settings, self._setting):
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1
