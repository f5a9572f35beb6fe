"""A generation once more, in its owner's name: what staff do after something went wrong."""

from rest_framework.exceptions import APIException

from generation.dispatch import get_exchange
from generation.models import UNFINISHED, Generation, Origin, Webhook
from generation.params import GenerationParams, ParamsError
from generation.work import availability


class CannotRunAgain(Exception):
    """Why not, in a sentence for staff."""


def run_again(generation: Generation, request_id: str) -> Generation:
    """Accept the same request anew and draw it in the background. Its owner pays, as for any other.

    Raises `CannotRunAgain`, and then nothing is charged.
    """
    if generation.status in UNFINISHED:
        raise CannotRunAgain("It is not done yet.")
    if not generation.user.is_active:
        raise CannotRunAgain("The owner's account is disabled.")
    try:
        again = _accept(generation, _params(generation), request_id)
    except ParamsError as error:
        raise CannotRunAgain(f"The model that is loaded now cannot draw it: {error.message}") from error
    except APIException as error:
        raise CannotRunAgain(str(error.detail)) from error
    get_exchange().ring()
    return again


def _params(generation: Generation) -> GenerationParams:
    try:
        return generation.params
    except OSError as error:
        raise CannotRunAgain(
            "The pictures that were sent along are gone: those of a generation that failed, was canceled or "
            "has expired are not kept. Its owner has to send them anew."
        ) from error


def _accept(generation: Generation, params: GenerationParams, request_id: str) -> Generation:
    model = availability.ready_model()
    availability.check(params)
    cost = params.cost(model.native_width, model.native_height)
    origin = Origin(request_id, webhook=Webhook.objects.hook_of(generation))
    return Generation.objects.submit(generation.user, params, model=model.name, cost=cost, origin=origin)
