"""Takes an accepted generation through the engine and stores what comes out."""

import logging
from time import monotonic

from django.conf import settings
from rest_framework.exceptions import APIException

from accounts.connections import let_go
from generation import underway
from generation.engine import EngineState, ModelFacts, errors, get_engine, reset_engine
from generation.engine.errors import EngineError
from generation.exceptions import (
    ContentBlocked,
    EngineDown,
    GenerationCanceled,
    GenerationFailed,
    GenerationTimeout,
    ModelLoading,
    QueueFull,
    StorageFull,
)
from generation.models import Generation, Picture
from generation.params import GenerationParams
from generation.pixels import encode
from generation.storage import has_room

logger = logging.getLogger(__name__)

REFUSALS: dict[type[EngineError], type[APIException]] = {
    errors.EngineLoading: ModelLoading,
    errors.EngineUnavailable: EngineDown,
    errors.EngineBusy: QueueFull,
    errors.DeadlineExceeded: GenerationTimeout,
    errors.ContentBlocked: ContentBlocked,
    errors.Cancelled: GenerationCanceled,
}


def start_up() -> None:
    """For the start of a server: settle what an earlier process left behind, and begin to load the model."""
    if lost := Generation.objects.fail_interrupted():
        logger.warning("failed and refunded %d generations that an earlier process left unfinished", lost)
    get_engine()


def shut_down() -> None:
    """For the end of a server: refuse new work and hand back what runs."""
    reset_engine()


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


def run(generation: Generation) -> None:
    """Draw the pictures and store them. On any failure the charge is given back and the refusal raised."""
    try:
        kept = generation.succeed(_draw(generation))
    except EngineError as error:
        refusal = REFUSALS.get(type(error), GenerationFailed)
        _fail(generation, refusal.default_code, error.reason, error)
        raise (GenerationFailed(error.reason) if refusal is GenerationFailed else refusal()) from error
    except OSError as error:
        _fail(generation, StorageFull.default_code, "storage", error)
        raise StorageFull from error
    except Exception as error:
        _fail(generation, GenerationFailed.default_code, "internal_error", error)
        raise
    if not kept:
        raise GenerationCanceled


def _fail(generation: Generation, code: str, reason: str, error: Exception) -> None:
    """Settle a failure. Raises `GenerationCanceled` where somebody has ended or deleted it meanwhile."""
    if not generation.fail(code, reason):
        raise GenerationCanceled from error
    logger.error("generation %s failed: %s (%s)", generation.id, reason, type(error).__name__)


def _draw(generation: Generation) -> list[Picture]:
    deadline = monotonic() + settings.GENERATION_TIMEOUT
    params = generation.params
    ticket = get_engine().submit(
        params,
        user=generation.user_id,
        priority=generation.user.terms.priority,
        timeout=settings.GENERATION_TIMEOUT,
    )
    with underway.drawing(generation.id, ticket):
        let_go()
        ticket.wait_for_start(settings.GENERATION_TIMEOUT)
        # Whoever canceled it before the ticket could be found shows here.
        if ticket.started_at is not None and not generation.start():
            raise errors.Cancelled("It is not queued any more.")
        let_go()
        images = ticket.result(max(0.0, deadline - monotonic()))
    return [
        Picture(index, seed, encode(image, params.output_format, params.quality))
        for index, (seed, image) in enumerate(zip(params.seeds(), images, strict=True))
    ]
