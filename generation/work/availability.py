"""Whether a picture could be drawn now, and by which model."""

from typing import Protocol

from django.conf import settings

from generation.engine import EngineState, ModelFacts, get_engine
from generation.exceptions import EngineDown, ModelLoading, StorageFull
from generation.params import GenerationParams
from generation.pictures.storage import has_room
from generation.work.distant import distant_engine


class Consulted(Protocol):
    """What is asked of an engine before there is anything to draw."""

    @property
    def state(self) -> EngineState: ...

    @property
    def model(self) -> ModelFacts: ...

    def check(self, params: GenerationParams) -> None: ...


def engine() -> Consulted:
    """This process's engine, or where others draw, what they tell of theirs."""
    return distant_engine if settings.MANY_MACHINES else get_engine()


def ready_model() -> ModelFacts:
    """The model, if a picture could be drawn and stored now. Raises the refusal that says why not."""
    match engine().state:
        case EngineState.LOADING:
            raise ModelLoading
        case EngineState.STUCK | EngineState.LOST | EngineState.FAILED | EngineState.STOPPED:
            raise EngineDown
    if not has_room():
        raise StorageFull
    return engine().model


def loaded_model() -> ModelFacts | None:
    """The model, if there is one by now."""
    asked = engine()
    return asked.model if asked.state is EngineState.READY else None


def check(params: GenerationParams) -> None:
    """Raise `ParamsError` for a combination that the loaded model cannot draw, as far as it can be known here."""
    engine().check(params)
