"""What a request comes to, before it is accepted: the same for those who ask the price and those who draw."""

from dataclasses import dataclass

from accounts.models import User
from generation.api.serializers import GenerationRequest, refuse
from generation.params import GenerationParams, ParamsError
from generation.work import availability


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be drawn, by which model, and for how many credits."""

    params: GenerationParams
    model: str
    cost: int


def consider(body: GenerationRequest, user: User) -> Offer:
    """Everything that can be refused without looking at credits is refused here; nothing is stored or charged."""
    body.is_valid(raise_exception=True)
    model = availability.ready_model()
    params = body.params(user, model)
    try:
        availability.check(params)
    except ParamsError as error:
        raise refuse(error) from error
    return Offer(params, model.name, params.cost(model.native_width, model.native_height))
