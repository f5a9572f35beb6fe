"""A process that draws notes that it is there, and what it can; others read it."""

import os
import socket
from contextlib import suppress
from dataclasses import asdict
from secrets import token_hex
from threading import Lock

from generation.engine import get_engine
from generation.engine.errors import EngineError
from generation.models import WorkerNote


class Attendance:
    """The note of this process."""

    def __init__(self) -> None:
        self._name = f"{socket.gethostname()[:200]}-{os.getpid()}-{token_hex(3)}"
        self._gone = False
        self._lock = Lock()

    def write(self) -> None:
        """Say how the engine is, unless this process has left."""
        engine = get_engine()
        state, model = engine.state, None
        with suppress(EngineError):
            model = asdict(engine.model)
        with self._lock:
            if not self._gone:
                WorkerNote.objects.write(self._name, state, model, engine.figures.as_dict())

    def leave(self) -> None:
        """Nobody shall count on this process any more."""
        with self._lock:
            self._gone = True
            WorkerNote.objects.filter(name=self._name).delete()
