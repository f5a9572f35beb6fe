"""Waiting for a generation's end, in the thread of the request that asked for it."""

from time import monotonic

from django.conf import settings
from rest_framework.exceptions import APIException

from accounts.connections import let_go
from generation.api.places import Places
from generation.dispatch import ENDS, Exchange, Happening, get_exchange
from generation.exceptions import FAILURES, GenerationCanceled, GenerationFailed
from generation.models import UNFINISHED, Generation, Status

# Seconds after which the row is looked at, though nothing was heard.
LOOK_EVERY = 2.0

places = Places("WAITING_REQUESTS")


def wait_for(generation: Generation, seconds: float) -> bool:
    """Have it drawn, and wait for its end; say whether it came. Raises the refusal that says why there is no picture.

    Where as many wait as may, nobody waits any longer: else nobody would be left to say how the others are.
    """
    waits = seconds > 0 and places.take()
    try:
        ended = _wait(generation, seconds if waits else 0)
    finally:
        if waits:
            places.leave()
    if generation.error_code:
        raise refusal_of(generation)
    return ended


def _wait(generation: Generation, seconds: float) -> bool:
    exchange = get_exchange()
    patience = Patience(exchange, seconds)
    with exchange.listening(generation.id, ENDS | {Happening.QUEUED}) as ears:
        exchange.ring()
        while _look(generation) in UNFINISHED:
            left = patience.left(generation)
            if left <= 0:
                return False
            let_go()
            ears.hear(min(left, LOOK_EVERY))
    return True


class Patience:
    """How long somebody waits. A process that is about to end waits only for what is being drawn, and for its grace."""

    def __init__(self, exchange: Exchange, seconds: float) -> None:
        self._exchange = exchange
        self._until = monotonic() + seconds
        self._closing = False

    def left(self, generation: Generation) -> float:
        if self._exchange.closing:
            if generation.status == Status.QUEUED:
                return 0.0
            if not self._closing:
                self._closing = True
                self._until = min(self._until, monotonic() + settings.SHUTDOWN_GRACE)
        return self._until - monotonic()


def refusal_of(generation: Generation) -> APIException:
    """Why it gave no picture."""
    refusal = FAILURES[generation.error_code]
    return GenerationFailed(generation.error_reason) if refusal is GenerationFailed else refusal()


def _look(generation: Generation) -> str:
    """Its state now. Raises `GenerationCanceled` where it has been deleted."""
    try:
        return generation.look()
    except Generation.DoesNotExist:
        raise GenerationCanceled from None
