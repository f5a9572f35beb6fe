"""What whoever watches a generation is told, as server-sent events."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from rest_framework.renderers import JSONRenderer

from generation.dispatch import Event, Happening, get_exchange
from generation.exceptions import GenerationCanceled
from generation.models import UNFINISHED, Generation, Status

# Which step of which attempt an event told of.
STEP = re.compile(r"(\d{1,5})\.(\d{1,5})")
OVER = "end"


class Teller:
    """Finds what has not been told yet.

    An event's id follows from the row: `0.q3` is the third in the queue before its first attempt, `1.0` the start of
    that, `1.7` its seventh step, and `end` the end. So any process can go on after the last one that a client heard.
    """

    def __init__(
        self, generation: Generation, told: str, represent: Callable[[Generation], dict[str, Any]]
    ) -> None:
        self._generation = generation
        self._told = told
        self._represent = represent

    @property
    def over(self) -> bool:
        return self._generation.status not in UNFINISHED

    def hear(self, event: Event | None) -> Iterator[bytes]:
        """What is new, now that this was heard, or nothing for a while."""
        if event is None or event.happening != Happening.PROGRESS or self._step is None:
            yield from self.look()
        if event is not None and event.happening == Happening.PROGRESS:
            yield from self._progress(event)

    def look(self) -> Iterator[bytes]:
        """What is new in the row."""
        generation = self._refreshed()
        if generation.status == Status.QUEUED:
            position = Generation.objects.position(generation)
            data: dict[str, Any] = {"status": generation.status, "queue_position": position}
            yield from self._tell(Happening.QUEUED, f"{generation.attempts}.q{position}", data)
        elif generation.status == Status.RUNNING:
            if self._step is None:
                data = {"status": generation.status, "started_at": generation.started_at}
                yield from self._tell(Happening.STARTED, f"{generation.attempts}.0", data)
            if latest := get_exchange().progress(generation.id):
                yield from self._progress(latest)
        else:
            yield from self._tell(Happening(generation.status), OVER, self._represent(generation))

    @property
    def _step(self) -> int | None:
        """The last step that was told of this attempt; None where its start was not."""
        found = STEP.fullmatch(self._told)
        return int(found[2]) if found and int(found[1]) == self._generation.attempts else None

    def _refreshed(self) -> Generation:
        """What is deleted was canceled first."""
        generation = self._generation
        try:
            generation.refresh_from_db()
        except Generation.DoesNotExist:
            generation.status, generation.error_code = Status.CANCELED, GenerationCanceled.default_code
        return generation

    def _progress(self, event: Event) -> Iterator[bytes]:
        if self._generation.status != Status.RUNNING or event.step <= (self._step or 0):
            return
        data = {
            "step": event.step,
            "steps": event.steps,
            "progress": event.step / event.steps,
            "preview": f"data:image/webp;base64,{event.preview}" if event.preview else None,
        }
        yield from self._tell(Happening.PROGRESS, f"{self._generation.attempts}.{event.step}", data)

    def _tell(self, happening: Happening, mark: str, data: dict[str, Any]) -> Iterator[bytes]:
        if mark != self._told:
            self._told = mark
            yield b"id: %b\nevent: %b\ndata: %b\n\n" % (
                mark.encode(),
                happening.encode(),
                JSONRenderer().render(data),
            )
