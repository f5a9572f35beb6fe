"""The engines of all workers as one, for a process that has none: what it knows is what they note."""

from threading import Lock
from time import monotonic
from typing import Any

from generation.engine import EngineState, ModelFacts
from generation.engine.errors import EngineLoading, EngineUnavailable
from generation.models import WorkerNote
from generation.params import GenerationParams, ParamsError, RequestType, SchedulerName, gettext_noop

# Seconds for which a look into the table is good.
FRESH = 1.0
# One that is ready is enough; else the best that is to be hoped for.
BEST_FIRST = (
    EngineState.READY,
    EngineState.LOADING,
    EngineState.STUCK,
    EngineState.LOST,
    EngineState.FAILED,
)


class DistantEngine:
    """What of an engine can be asked from afar."""

    def __init__(self) -> None:
        self._notes: list[WorkerNote] = []
        self._good_until = 0.0
        self._lock = Lock()

    @property
    def state(self) -> EngineState:
        """That of the best; `stopped` where no worker is there."""
        states = {note.state for note in self._look()}
        return next((state for state in BEST_FIRST if state in states), EngineState.STOPPED)

    @property
    def model(self) -> ModelFacts:
        """The model of the worker that was seen last. Raises `EngineLoading` or `EngineUnavailable`."""
        for note in self._look():
            if note.model is not None:
                return _facts(note.model)
        raise EngineLoading if self.state is EngineState.LOADING else EngineUnavailable

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for what the model cannot draw, as far as its facts say it."""
        model = self.model
        if params.request_type not in model.request_types:
            told = gettext_noop("The model {model} can do nothing but this: {kinds}.")
            kinds = ", ".join(model.request_types)
            raise ParamsError("request_type", told, model=model.name, kinds=kinds)

    def _look(self) -> list[WorkerNote]:
        with self._lock:
            if monotonic() > self._good_until:
                self._notes = list(WorkerNote.objects.live())
                self._good_until = monotonic() + FRESH
            return self._notes


def _facts(noted: dict[str, Any]) -> ModelFacts:
    scheduler, types = SchedulerName(noted["scheduler"]), tuple(map(RequestType, noted["request_types"]))
    return ModelFacts(**noted | {"scheduler": scheduler, "request_types": types})


distant_engine = DistantEngine()
