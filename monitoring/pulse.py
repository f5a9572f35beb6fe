"""A thread of every process: every few seconds it notes how the process is, and once a minute the history is kept."""

import logging
import os
import socket
from contextlib import suppress
from secrets import token_hex
from threading import Event, Lock, Thread
from typing import Any

from django.db import Error as DatabaseGone
from django.utils import timezone

from accounts.connections import let_go
from monitoring import readings, system
from monitoring.clock import clock
from monitoring.engines import meter
from monitoring.live import EVERY, recent
from monitoring.models import ProcessNote, Sample
from monitoring.tallies import Tallies, own, total, without

logger = logging.getLogger(__name__)

# Whoever only draws is not asked how the service is.
WORKER = "worker"

_pulse: "Pulse | None" = None


class Pulse:
    def __init__(self, role: str) -> None:
        self._role = role
        self._name = _new_name()
        self._noted: Tallies | None = None
        self._base: Tallies = {}
        self._noting = Lock()
        self._closing = Event()
        self._thread = Thread(target=self._live, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Note the last counts, and that this process is not there any more."""
        self._closing.set()
        with suppress(DatabaseGone):
            self.note()
            ProcessNote.objects.leave(self._name)

    def beat(self) -> None:
        meter.turn()
        _ = clock.jumped
        self.note()
        now = timezone.now()
        due = Sample.objects.is_due(now)
        if due or self._role != WORKER:
            values = readings.read()
            recent.put(now, values)
            if due and Sample.objects.take(now, values):
                ProcessNote.objects.fold()

    def note(self) -> None:
        facts = system.facts()
        with self._noting:
            self._note(facts)

    def _note(self, facts: dict[str, Any]) -> None:
        counted = without(own(), self._base)
        if not ProcessNote.objects.renew(self._name, facts, counted):
            if self._noted is not None:
                # It was away for so long that its counts were taken over from it.
                self._base, self._name = total([self._base, self._noted]), _new_name()
                counted = without(own(), self._base)
            ProcessNote.objects.begin(self._name, self._role, facts, counted)
        self._noted = counted

    def _live(self) -> None:
        while not self._closing.is_set():
            try:
                self.beat()
            except DatabaseGone as error:
                logger.warning("nothing could be noted: %s", type(error).__name__)
            except Exception:
                logger.exception("the pulse missed a beat")
            let_go()
            self._closing.wait(EVERY)


def start(role: str) -> None:
    global _pulse
    _pulse = Pulse(role)
    _pulse.start()


def note_now() -> None:
    """Have others see what this process has counted up to now, where it has a pulse."""
    if _pulse is not None:
        _pulse.note()


def stop() -> None:
    global _pulse
    pulse, _pulse = _pulse, None
    if pulse is not None:
        pulse.stop()


def _new_name() -> str:
    return f"{socket.gethostname()[:200]}-{os.getpid()}-{token_hex(3)}"
