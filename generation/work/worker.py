"""Draws what is queued: claims a generation, paints it, and settles what came of it."""

import logging
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from time import monotonic, sleep

from django.db import Error as DatabaseGone

from accounts.connections import let_go
from accounts.spans import span
from accounts.trail import following
from generation.dispatch import Ears, Happening, get_exchange
from generation.dispatch import Event as News
from generation.engine import EngineState, errors, get_engine
from generation.exceptions import CannotDraw, ContentBlocked, GenerationFailed, GenerationTimeout, StorageFull
from generation.models import Generation
from generation.models.leases import Suspect
from generation.params import ParamsError
from generation.work.gate import Gate
from generation.work.keeper import Keeper
from generation.work.painting import paint

logger = logging.getLogger(__name__)

# What the row says of an error of the engine's; of all others, that the generation failed, and for which reason.
CODES: dict[type[errors.EngineError], str] = {
    errors.DeadlineExceeded: GenerationTimeout.default_code,
    errors.ContentBlocked: ContentBlocked.default_code,
}
# The engine is at fault, not the generation: another one may draw it.
NOT_NOW = (errors.EngineLoading, errors.EngineUnavailable, errors.EngineBusy)

RETRY_EVERY = 0.5


class Worker:
    """Its threads wait for the bell. One without threads draws when `draw_next` is called."""

    def __init__(self, threads: int = 0) -> None:
        self.keeper = Keeper()
        self._bell: Queue[None] = Queue(max(1, threads))
        self._closing = Event()
        self._gate = Gate()
        self._threads = [
            Thread(target=self._live, name=f"worker-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        self.keeper.start()
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """There is work: one thread looks, until there is none. So as many rings as there are threads are enough."""
        with suppress(Full):
            self._bell.put_nowait(None)

    def finish(self, grace: float) -> None:
        """Take up no more, and wait `grace` seconds for what is being drawn; the rest goes back into the queue."""
        self._closing.set()
        self.keeper.leave()
        for _ in self._threads:
            self.ring()
        deadline = monotonic() + grace
        while self.keeper.holding and monotonic() < deadline:
            sleep(0.05)
        self.keeper.stop()

    def draw_next(self) -> bool:
        """Claim the one whose turn it is and draw it; say whether there was one, and an engine to draw it."""
        if self._closing.is_set() or get_engine().state is not EngineState.READY:
            return False
        try:
            with self._gate.together():
                return self._draw_claimed(self._claim())
        except Suspect:
            with self._gate.alone():
                return self._draw_claimed(self._claim(alone=True))

    def _claim(self, *, alone: bool = False) -> Generation | None:
        """None as well where the end has begun while others were waited for."""
        return None if self._closing.is_set() else Generation.objects.claim(alone=alone)

    def _draw_claimed(self, generation: Generation | None) -> bool:
        if generation is None:
            return False
        with (
            following(
                request_id=generation.request_id, user_id=generation.user_id, generation_id=generation.id
            ),
            span("draw"),
        ):
            self._draw_held(generation)
        return True

    def _draw_held(self, generation: Generation) -> None:
        get_exchange().tell(News(generation.id, Happening.STARTED))
        with self.keeper.hold(generation) as ears:
            self._draw(generation, ears)

    def _draw(self, generation: Generation, ears: Ears) -> None:
        """However it goes, the row tells."""
        try:
            self._store(generation, ears)
        except NOT_NOW:
            generation.hand_back()
        except errors.DeviceLost as error:
            self.keeper.tell_of_loss()
            generation.lose(error.reason)
        except errors.EngineError as error:
            self._fail(generation, CODES.get(type(error), GenerationFailed.default_code), error.reason, error)
        except ParamsError as error:
            self._fail(generation, CannotDraw.default_code, "", error)
        except OSError as error:
            self._fail(generation, StorageFull.default_code, "storage", error)
        except DatabaseGone:
            # Its lease will run out, and another attempt be made.
            raise
        except Exception as error:
            logger.exception("generation %s broke", generation.id)
            self._fail(generation, GenerationFailed.default_code, "internal_error", error)

    def _store(self, generation: Generation, ears: Ears) -> None:
        """Paint it and keep the pictures. They outlast a database that is gone for a while."""
        pictures = paint(generation, ears)
        while True:
            try:
                if generation.succeed(pictures):
                    logger.info("generation %s is drawn", generation.id)
                return
            except DatabaseGone:
                if self._closing.is_set():
                    raise
                let_go()
                sleep(RETRY_EVERY)

    def _fail(self, generation: Generation, code: str, reason: str, error: Exception) -> None:
        if generation.fail(code, reason):
            logger.error("generation %s failed: %s (%s)", generation.id, reason or code, type(error).__name__)

    def _live(self) -> None:
        while not self._closing.is_set():
            self._bell.get()
            try:
                while self.draw_next():
                    let_go()
            except Exception:
                logger.exception("a worker could not go on")
            let_go()
