"""Whether a picture could be drawn now, and by which model."""

from generation.engine import EngineState, ModelFacts, get_engine
from generation.exceptions import EngineDown, ModelLoading, StorageFull
from generation.params import GenerationParams
from generation.storage import has_room


def ready_model() -> ModelFacts:
    """The model, if a picture could be drawn and stored now. Raises the refusal that says why not."""
    match get_engine().state:
        case EngineState.LOADING:
            raise ModelLoading
        case EngineState.STUCK | EngineState.FAILED | EngineState.STOPPED:
            raise EngineDown
    if not has_room():
        raise StorageFull
    return get_engine().model


def loaded_model() -> ModelFacts | None:
    """The model, if there is one by now."""
    engine = get_engine()
    return engine.model if engine.state is EngineState.READY else None


def check(params: GenerationParams) -> None:
    """Raise `ParamsError` for a combination that the loaded model cannot draw."""
    get_engine().check(params)
