"""A caller's hold on one request: waits for its start and its end, cancels it, reads its progress."""

from collections.abc import Callable
from threading import Event
from time import monotonic

from PIL.Image import Image

from generation.engine.errors import Cancelled, DeadlineExceeded, EngineError
from generation.params import GenerationParams


class Ticket:
    """Made by the engine. The engine's thread writes it, any other thread reads it."""

    def __init__(self, params: GenerationParams, on_step: Callable[[int, int], None] | None = None) -> None:
        self.params = params
        self.progress = 0.0
        self.started_at: float | None = None
        self.ended_at: float | None = None
        self._on_step = on_step
        self._started = Event()
        self._ended = Event()
        self._stopped_by: EngineError | None = None
        self._pictures: list[Image] = []
        self._error: EngineError | None = None

    def cancel(self, error: EngineError | None = None) -> None:
        """Stop at the next step; `result` then raises `error`, or `Cancelled`."""
        self._stopped_by = error or Cancelled("The request was cancelled.")

    def wait_for_start(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until drawing has begun or the ticket has ended; say whether."""
        return self._started.wait(timeout)

    def result(self, timeout: float | None = None) -> list[Image]:
        """The pictures, in the order of their seeds.

        Raises `DeadlineExceeded` after `timeout` seconds (the request goes on unless it is cancelled), or the
        `EngineError` that ended the request.
        """
        if not self._ended.wait(timeout):
            raise DeadlineExceeded(f"No picture after {timeout:.0f} s.")
        if self._error is not None:
            raise self._error
        return self._pictures

    def begin(self) -> None:
        self.raise_if_cancelled()
        self.started_at = monotonic()
        self._started.set()

    def advance(self, step: int, steps: int) -> None:
        """Called after every step of `steps`; the place where a cancelled request leaves."""
        self.raise_if_cancelled()
        self.progress = step / steps
        if self._on_step is not None:
            self._on_step(step, steps)

    def raise_if_cancelled(self) -> None:
        if self._stopped_by is not None:
            raise self._stopped_by

    def succeed(self, pictures: list[Image]) -> None:
        self._pictures = pictures
        self.progress = 1.0
        self._end()

    def fail(self, error: EngineError) -> None:
        self._error = error
        self._end()

    def _end(self) -> None:
        self.ended_at = monotonic()
        self._ended.set()
        self._started.set()
