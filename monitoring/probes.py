"""Plain functions that say how the parts of the service are. They may raise and take their time: see `looks`."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from generation.dispatch import get_exchange
from generation.engine import Engine, EngineState, running_engine
from generation.models import Generation, WorkerNote
from generation.pictures.storage import has_room
from generation.work import availability

PING = "monitoring.ping"


@dataclass(frozen=True, slots=True)
class Room:
    """Of the disk, in bytes; `enough` also says that the storage is there."""

    free: int
    reserve: int
    enough: bool


@dataclass(frozen=True, slots=True)
class Line:
    """How many generations wait or are drawn, of how many that may."""

    length: int
    limit: int


@dataclass(frozen=True, slots=True)
class Drawer:
    """Whatever draws: this process's engine, or a worker elsewhere. Ages are seconds."""

    state: EngineState
    model: str | None
    last_tick: float | None
    seen: float


@dataclass(frozen=True, slots=True)
class Drawers:
    """`best` is the state of the one that is of most use."""

    best: EngineState
    each: list[Drawer]


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def storage() -> Room:
    free = shutil.disk_usage(settings.DATA_DIR).free
    return Room(free, settings.STORAGE_RESERVE_BYTES, has_room())


def counters() -> bool:
    """Whether the cache that is shared among processes answers."""
    cache.get(PING)
    return True


def broker() -> bool:
    """Whether it says how many rings wait there."""
    return get_exchange().unheard() is not None


def queue() -> Line:
    return Line(Generation.objects.unfinished().count(), settings.QUEUE_LIMIT)


def drawers() -> Drawers:
    """Looking starts no engine."""
    if not settings.MANY_MACHINES:
        engine = running_engine()
        return Drawers(EngineState.STOPPED, []) if engine is None else Drawers(engine.state, [_own(engine)])
    noted = [_of_note(note) for note in WorkerNote.objects.live()]
    return Drawers(availability.engine().state, noted)


def _own(engine: Engine) -> Drawer:
    state = engine.state
    model = engine.model.name if state is EngineState.READY else None
    return Drawer(state, model, engine.figures.since_tick, 0.0)


def _of_note(note: WorkerNote) -> Drawer:
    seen = max(0.0, (timezone.now() - note.seen_at).total_seconds())
    model = note.model["name"] if note.model else None
    last_tick = note.figures.get("since_tick")
    return Drawer(EngineState(note.state), model, None if last_tick is None else last_tick + seen, seen)
