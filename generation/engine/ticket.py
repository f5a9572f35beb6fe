"""A caller's hold on one request: waits for its start and its end, cancels it, reads its progress."""

from collections.abc import Callable, Hashable
from threading import Event
from time import monotonic
from typing import Any

import numpy as np
from PIL import Image

from generation.engine.errors import Cancelled, DeadlineExceeded, EngineError
from generation.params import GenerationParams

OnStep = Callable[[int, int], None]
OnPreview = Callable[[int, Image.Image], None]
OnEnd = Callable[[], None]


class Ticket:
    """Made by the engine. The engine's thread writes it, any other thread reads it.

    `user` is whoever the request is for: users share the engine fairly, and of those with equally much under way
    the one with the highest `priority` is begun first. `deadline` is a moment of the monotonic clock.
    `on_step(step, steps)` is called when every picture of the request has done `step` evaluations,
    `on_preview(step, picture)` with a small picture of the first one's state; what they raise ends this request.
    `on_end()` is called when there is a result. All on the engine's thread, so they must be quick.
    """

    def __init__(
        self,
        params: GenerationParams,
        on_step: OnStep | None = None,
        *,
        user: Hashable = None,
        priority: int = 0,
        deadline: float | None = None,
        on_preview: OnPreview | None = None,
        on_end: OnEnd | None = None,
    ) -> None:
        self.params = params
        self.user = user
        self.priority = priority
        self.deadline = deadline
        self.on_step = on_step
        self.on_preview = on_preview
        self.on_end = on_end
        self.progress = 0.0
        self.started_at: float | None = None
        self.first_step_began_at: float | None = None
        self.first_step_at: float | None = None
        self.ended_at: float | None = None
        self._started = Event()
        self._ended = Event()
        self._stopped_by: EngineError | None = None
        self._pictures: list[np.ndarray[Any, Any]] = []
        self._error: EngineError | None = None

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def cancel(self, error: EngineError | None = None) -> None:
        """Stop at the next step; `result` then raises `error`, or `Cancelled`."""
        self._stopped_by = error or Cancelled("The request was cancelled.")

    def wait_for_start(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until drawing has begun or the ticket has ended; say whether."""
        return self._started.wait(timeout)

    def result(self, timeout: float | None = None) -> list[Image.Image]:
        """The pictures, in the order of their seeds.

        Raises `DeadlineExceeded` after `timeout` seconds (the request goes on unless it is cancelled), or the
        `EngineError` that ended the request.
        """
        if not self._ended.wait(timeout):
            raise DeadlineExceeded(f"No picture after {timeout:.0f} s.")
        if self._error is not None:
            raise self._error
        return [Image.fromarray(picture) for picture in self._pictures]

    def why_stop(self) -> EngineError | None:
        """What ends the request before its time: it was cancelled, or its time ran out."""
        if self._stopped_by is None and self.deadline is not None and monotonic() > self.deadline:
            return DeadlineExceeded("The time for this request ran out.")
        return self._stopped_by

    def begin(self) -> None:
        self.started_at = monotonic()
        self._started.set()

    def note_step(self, now: float) -> None:
        """Called whenever a step of it begins."""
        if self.first_step_began_at is None:
            self.first_step_began_at = now

    def advance(self, step: int, steps: int) -> None:
        """Called when every picture has done `step` of `steps` evaluations."""
        self.progress = step / steps
        if self.first_step_at is None:
            self.first_step_at = monotonic()
        if self.on_step is not None:
            self.on_step(step, steps)

    def succeed(self, pictures: list[np.ndarray[Any, Any]]) -> None:
        """End with uint8 pictures [H, W, 3]."""
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
        if self.on_end is not None:
            self.on_end()
