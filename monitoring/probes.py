"""Plain functions that say how the parts of the service are. None raises for a part that is broken."""

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from generation import availability
from generation.dispatch import get_exchange
from generation.engine import EngineState
from generation.storage import has_room

OK = "ok"
FAILED = "failed"
RETRY_AFTER = {"loading": 2, "unavailable": 30}


@dataclass(frozen=True)
class Health:
    """The state of every part, and of the whole."""

    database: str
    storage: str
    engine: EngineState
    closing: bool = False

    @property
    def status(self) -> str:
        if self.closing or FAILED in (self.database, self.storage):
            return "unavailable"
        return {EngineState.READY: "ok", EngineState.LOADING: "loading"}.get(self.engine, "unavailable")

    @property
    def detail(self) -> str:
        if self.closing:
            return "The server is being stopped."
        if self.database == FAILED:
            return "The database does not answer."
        if self.storage == FAILED:
            return "There is no room for more pictures."
        return {
            EngineState.READY: "Ready to draw.",
            EngineState.LOADING: "The model is being loaded.",
            EngineState.STUCK: "The engine is stuck in one step.",
            EngineState.FAILED: "The model could not be loaded.",
            EngineState.STOPPED: "No engine runs.",
        }[self.engine]


def health() -> Health:
    found = database()
    return Health(
        database=found,
        storage=storage(),
        engine=engine(has_database=found == OK),
        closing=get_exchange().closing,
    )


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return FAILED
    return OK


def storage() -> str:
    """Whether pictures can be stored: the folder is there and the disk has room."""
    try:
        return OK if has_room() else FAILED
    except OSError:
        return FAILED


def engine(*, has_database: bool) -> EngineState:
    """This process's own, or what the workers tell of theirs, which nobody knows without a database."""
    try:
        return (
            availability.engine().state if has_database or not settings.MANY_MACHINES else EngineState.STOPPED
        )
    except DatabaseError:
        return EngineState.STOPPED
