"""Keeps the leases of what this process draws, and looks after what others have dropped."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from threading import Event, Lock, Thread
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseGone

from accounts.connections import let_go
from generation.dispatch import Ears, Happening, get_exchange
from generation.dispatch import Event as News
from generation.models import Generation, Status
from generation.work.attendance import Attendance

logger = logging.getLogger(__name__)

# How often a lease is renewed while it lasts.
RENEWALS = 4


def look_after() -> None:
    """What a lost worker has left behind goes on, and nothing lies because a ring was not heard."""
    if lost := Generation.objects.take_back():
        logger.warning("took back %d generations whose worker is gone", lost)
    if lying := Generation.objects.filter(status=Status.QUEUED).count():
        get_exchange().remind(lying)


class Keeper:
    """Every few seconds it renews the leases, looks after all, and notes that this process is there."""

    def __init__(self) -> None:
        self._attendance = Attendance() if settings.MANY_MACHINES else None
        self._held: dict[UUID, tuple[Generation, Ears]] = {}
        self._lock = Lock()
        self._closing = Event()
        self._thread = Thread(target=self._live, name="keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def note(self) -> None:
        """Say to others that this process is there, where there are others."""
        if self._attendance is not None:
            self._attendance.write()

    def leave(self) -> None:
        """Say that nobody shall count on this process any more; what it holds it keeps."""
        with suppress(DatabaseGone):
            if self._attendance is not None:
                self._attendance.leave()

    def tell_of_loss(self) -> None:
        """Say once more how the engine is, whose device is lost: the process ends before it is time to."""
        with suppress(DatabaseGone):
            self.note()

    def stop(self) -> None:
        """Give back to the queue what is still held, and have its drawing stopped."""
        self._closing.set()
        for generation, ears in self._now():
            generation.hand_back()
            self._stop(generation, ears)

    @property
    def holding(self) -> int:
        """How many are being drawn."""
        return len(self._held)

    @contextmanager
    def hold(self, generation: Generation) -> Iterator[Ears]:
        """Keep its lease for as long as the context lasts, and hear when somebody else has ended it."""
        lease = generation.lease
        assert lease is not None
        with get_exchange().listening(generation.id) as ears:
            with self._lock:
                # A copy: whoever draws it must not take the place of a lease that was given back.
                self._held[lease] = copy(generation), ears
            try:
                yield ears
            finally:
                with self._lock:
                    self._held.pop(lease, None)

    def renew(self) -> None:
        """Extend the leases; what is no longer ours is not drawn any further."""
        held = self._now()
        kept = Generation.objects.renew([generation.lease for generation, _ in held if generation.lease])
        for generation, ears in held:
            if generation.lease not in kept:
                self._stop(generation, ears)

    def _now(self) -> list[tuple[Generation, Ears]]:
        with self._lock:
            return list(self._held.values())

    def _stop(self, generation: Generation, ears: Ears) -> None:
        ears.put(News(generation.id, Happening.CANCELED))

    def _live(self) -> None:
        while True:
            try:
                self.note()
                self.renew()
                look_after()
            except DatabaseGone as error:
                logger.warning("the leases could not be renewed: %s", type(error).__name__)
            let_go()
            if self._closing.wait(settings.LEASE_SECONDS / RENEWALS):
                return
