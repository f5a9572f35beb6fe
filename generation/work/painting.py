"""One generation on the engine, from its parameters to its files' contents."""

import base64
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from PIL import Image

from accounts.connections import let_go
from generation.dispatch import Ears, Event, Exchange, Happening, get_exchange
from generation.engine import get_engine
from generation.engine.ticket import Ticket
from generation.models import Generation, Picture
from generation.params import GenerationParams, OutputFormat
from generation.pictures.making import Making
from generation.pictures.pixels import PREVIEW_QUALITY, encode
from generation.work.counts import encodes

# Seconds between two tellings of how far it is, unless somebody watches: enough for whoever asks now and then.
SELDOM = 0.5


def paint(generation: Generation, ears: Ears) -> list[Picture]:
    """Draw it, tell how it comes along, and leave it at its next step once its end is heard.

    Raises the `EngineError` that ended it, `ParamsError` where this model cannot draw it, or `OSError` where a picture
    that came along cannot be read.
    """
    params = generation.params
    get_engine().check(params)
    sitting = Sitting(generation.id, ears, get_exchange())
    ticket = sitting.begin(params, user=generation.user_id, priority=generation.priority)
    let_go()
    try:
        sitting.follow(ticket)
    finally:
        ticket.cancel()
        sitting.exchange.forget(generation.id)
    makings = _makings(generation, params)
    return [
        Picture(making.index, making.seed, _encoded(image, making))
        for making, image in zip(makings, ticket.result(timeout=0), strict=True)
    ]


def _makings(generation: Generation, params: GenerationParams) -> list[Making]:
    """What each picture's file tells. The owner was read when the generation was claimed."""
    now, tells_prompts = timezone.now(), generation.user.prompts_in_pictures
    return [
        Making(
            generation=generation.id,
            index=index,
            seed=seed,
            model=generation.model,
            params=params,
            made_at=now,
            tells_prompts=tells_prompts,
        )
        for index, seed in enumerate(params.seeds())
    ]


def _encoded(image: Image.Image, making: Making) -> bytes:
    params = making.params
    with encodes.labels(params.output_format).time():
        return encode(image, params.output_format, params.quality, making)


class Sitting:
    """The engine's thread notes how far it is; the worker's thread hears of it and tells others."""

    def __init__(self, generation: UUID, ears: Ears, exchange: Exchange) -> None:
        self.exchange = exchange
        self._generation = generation
        self._ears = ears
        self._noted_at = 0.0
        self._sketch: Image.Image | None = None

    def begin(self, params: GenerationParams, *, user: UUID, priority: int) -> Ticket:
        return get_engine().submit(
            params,
            self._note,
            user=user,
            priority=priority,
            timeout=settings.GENERATION_TIMEOUT,
            on_end=self._ears.disturb,
        )

    def follow(self, ticket: Ticket) -> None:
        """Until the ticket ends, or its deadline has passed without an answer of the engine's."""
        patience = monotonic() + settings.GENERATION_TIMEOUT
        while not ticket.ended and monotonic() < patience:
            ticket.on_preview = self._keep if self.exchange.watched(self._generation) else None
            event = self._ears.hear(timeout=1.0)
            if event is None:
                continue
            if event.happening != Happening.PROGRESS:
                ticket.cancel()
                continue
            self.exchange.tell(self._with_preview(event))

    def _note(self, step: int, steps: int) -> None:
        now = monotonic()
        if now - self._noted_at > SELDOM or self.exchange.watched(self._generation):
            self._noted_at = now
            self._ears.put(Event(self._generation, Happening.PROGRESS, step, steps))

    def _keep(self, _step: int, sketch: Image.Image) -> None:
        self._sketch = sketch

    def _with_preview(self, event: Event) -> Event:
        sketch, self._sketch = self._sketch, None
        if sketch is None:
            return event
        preview = encode(sketch, OutputFormat.WEBP, PREVIEW_QUALITY)
        return Event(
            event.generation, event.happening, event.step, event.steps, base64.b64encode(preview).decode()
        )
