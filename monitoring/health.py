"""Whether the service is able to work, and if not, which part is the reason."""

from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.dispatch import get_exchange
from generation.engine import EngineState
from monitoring import probes
from monitoring.clock import clock
from monitoring.looks import DEADLINE, Look
from monitoring.probes import Drawer, Drawers, Line, Room

OK, FAILED, UNUSED = "ok", "failed", "unused"
FULL, JUMPED = "full", "jumped"
RETRY_AFTER = {"loading": 2, "unavailable": 30}
# Seconds after which a worker, which notes every five that it is there, is likely not.
LATE = 11.0

started = monotonic()

database = Look("the database", lambda: probes.database())
storage = Look("the storage", lambda: probes.storage())
cache = Look("the cache", lambda: probes.counters())
broker = Look("the broker", lambda: probes.broker())
queue = Look("the queue", lambda: probes.queue())
drawers = Look("the engine", lambda: probes.drawers())

SENTENCES = {
    "closing": _("The server is being stopped."),
    "database": _("The database does not answer."),
    "storage": _("There is no room for more pictures."),
    "cache": _("The cache does not answer."),
    "broker": _("The broker does not answer."),
    "queue": _("The queue is full."),
    "count": _("The queue could not be counted."),
    "clock": _("The clock was set."),
    "workers": _("Not every worker can draw."),
}
OF_ENGINE = {
    EngineState.READY: _("Ready to draw."),
    EngineState.LOADING: _("The model is being loaded."),
    EngineState.STUCK: _("The engine is stuck in one step."),
    EngineState.LOST: _("The device is lost."),
    EngineState.FAILED: _("The model could not be loaded."),
    EngineState.STOPPED: _("No engine runs."),
}


@dataclass(frozen=True)
class Health:
    """What was seen of each part; None where a part did not answer."""

    closing: bool
    database: bool | None
    storage: Room | None
    cache: bool | None
    broker: bool | None
    queue: Line | None
    drawers: Drawers | None
    clock_jumped: bool

    @property
    def checks(self) -> dict[str, str]:
        return {
            "database": OK if self.database else FAILED,
            "storage": OK if self.storage and self.storage.enough else FAILED,
            "cache": _shared(settings.REDIS_URL, self.cache),
            "broker": _shared(settings.CELERY_BROKER_URL, self.broker),
            "queue": self._queue(),
            "engine": self.engine,
            "clock": JUMPED if self.clock_jumped else OK,
        }

    @property
    def version(self) -> str:
        return str(settings.SPECTACULAR_SETTINGS["VERSION"])

    @property
    def uptime(self) -> int:
        """Seconds."""
        return int(monotonic() - started)

    @property
    def workers(self) -> list[Drawer]:
        return self.drawers.each if self.drawers else []

    @property
    def engine(self) -> EngineState:
        return self.drawers.best if self.drawers else EngineState.STOPPED

    @property
    def status(self) -> str:
        if self._broken:
            return "unavailable"
        if self.engine is not EngineState.READY:
            return "loading" if self.engine is EngineState.LOADING else "unavailable"
        return "degraded" if self._hurt else "ok"

    @property
    def detail(self) -> str:
        if self._broken:
            return str(SENTENCES[self._broken])
        if self.engine is EngineState.READY and self._hurt:
            return str(SENTENCES[self._hurt])
        return str(OF_ENGINE[self.engine])

    @property
    def ready(self) -> bool:
        """Whether this very process should be sent requests: one that only answers may wait for its workers."""
        if self.closing or not self.database:
            return False
        return settings.MANY_MACHINES or self.status in ("ok", "degraded")

    @property
    def _broken(self) -> str:
        """The part without which nothing can be drawn."""
        if self.closing:
            return "closing"
        parts = ("database", "storage", "cache", "broker")
        return next((part for part in parts if self.checks[part] == FAILED), "")

    @property
    def _hurt(self) -> str:
        """The part that makes it worse than it should be."""
        if self.checks["queue"] != OK:
            return "queue" if self.queue else "count"
        if any(drawer.state is not EngineState.READY or drawer.seen > LATE for drawer in self.workers):
            return "workers"
        return "clock" if self.clock_jumped else ""

    def _queue(self) -> str:
        if self.queue is None:
            return FAILED
        return FULL if self.queue.length >= self.queue.limit else OK


def _shared(url: str, answers: bool | None) -> str:
    if not url:
        return UNUSED
    return OK if answers else FAILED


def look() -> Health:
    """All parts at once, for a second at most. Raises nothing."""
    parts: list[Look] = [database, storage, queue, drawers]
    parts += [cache] if settings.REDIS_URL else []
    parts += [broker] if settings.CELERY_BROKER_URL else []
    for part in parts:
        part.begin()
    until = monotonic() + DEADLINE
    return Health(
        closing=get_exchange().closing,
        database=database.wait(until),
        storage=storage.wait(until),
        cache=cache.wait(until) if settings.REDIS_URL else None,
        broker=broker.wait(until) if settings.CELERY_BROKER_URL else None,
        queue=queue.wait(until),
        drawers=drawers.wait(until),
        clock_jumped=clock.jumped,
    )


def forget() -> None:
    """Look at every part anew, as after a change that nobody is to wait for."""
    for part in (database, storage, cache, broker, queue, drawers):
        part.forget()
