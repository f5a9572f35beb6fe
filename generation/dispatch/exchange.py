"""The exchange of one process: the doorbell and the news are calls, and nothing leaves it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from generation.dispatch.ears import Ears
from generation.dispatch.events import ENDS, Event, Happening

# The progress of so many is kept. What was drawn elsewhere stays where its end was not heard.
MOST_PROGRESS = 10_000


class Exchange:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self.closing = False
        self._bell: Callable[[], None] = lambda: None
        self._ears: dict[UUID, list[Ears]] = defaultdict(list)
        self._progress: dict[UUID, Event] = {}
        self._lock = Lock()

    def hang_up(self, bell: Callable[[], None]) -> None:
        """Have `bell` called whenever there is work."""
        self._bell = bell

    def ring(self) -> None:
        """Say that there is work, never which."""
        self._bell()

    def remind(self, lying: int) -> None:
        """Ring for so many that are queued, where their rings may not have been heard."""
        for _ in range(lying):
            self._bell()

    def unheard(self) -> int | None:
        """How many rings nobody has heard yet, where they wait somewhere. Raises what `courier.UNREACHABLE` names."""
        return None

    @contextmanager
    def listening(self, generation: UUID, to: Collection[Happening] = ENDS) -> Iterator[Ears]:
        """Hear what is told of a generation for as long as the context lasts."""
        ears = Ears(to)
        with self._lock:
            self._ears[generation].append(ears)
        try:
            yield ears
        finally:
            with self._lock:
                self._ears[generation].remove(ears)
                if not self._ears[generation]:
                    del self._ears[generation]

    def watched(self, generation: UUID) -> bool:
        """Whether anybody would like to see how it comes along."""
        with self._lock:
            return any(Happening.PROGRESS in ears.wanted for ears in self._ears.get(generation, ()))

    def tell(self, event: Event) -> None:
        """Let all who listen hear it, and keep it where it is progress."""
        with self._lock:
            if event.happening == Happening.PROGRESS:
                self._progress[event.generation] = event
            else:
                self._progress.pop(event.generation, None)
            if len(self._progress) > MOST_PROGRESS:
                del self._progress[next(iter(self._progress))]
            for ears in self._ears.get(event.generation, ()):
                if event.happening in ears.wanted:
                    ears.put(event)

    def progress(self, generation: UUID) -> Event | None:
        """The latest that was told of its progress; None where it is not being drawn."""
        return self._progress.get(generation)

    def forget(self, generation: UUID) -> None:
        """Its progress is of no interest any more."""
        self._progress.pop(generation, None)

    def disturb(self) -> None:
        """Let all who listen look up: there may have been something that they could not hear."""
        with self._lock:
            for listeners in self._ears.values():
                for ears in listeners:
                    ears.disturb()

    def close(self) -> None:
        """Let all who listen know that this process is about to end."""
        self.closing = True
        self.disturb()

    def end(self) -> None:
        """Stop what the exchange itself runs: nothing more will be told."""
