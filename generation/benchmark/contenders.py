"""Other ways to serve a model, each with the engine's interface, so that the same server can run them all."""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from generation.benchmark.executed import ExecutedUNet
from generation.benchmark.models import PREFIX
from generation.benchmark.stock import Pixels, StockPipeline, alike
from generation.engine import Engine, EngineConfig, EngineState
from generation.engine.config import ExecutorName
from generation.engine.errors import EngineError, EngineUnavailable
from generation.engine.executor import make_executor
from generation.engine.ticket import OnEnd, OnPreview, OnStep, Ticket
from generation.params import GenerationParams

logger = logging.getLogger(__name__)

# Those of one picture with guidance.
ROWS = 2


class Locked(Engine):
    """What most services are: the stock pipeline behind a lock, one request after the other.

    Lives as the engine does, but its thread calls a pipeline. `most` pictures go into a call; for so many, a call
    waits `window` seconds.
    """

    most = 1
    window = 0.0

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(replace(config, runner=f"{StockPipeline.__module__}.{StockPipeline.__name__}"))
        # Those that came out of the waiting room, which a call may still pass over.
        self._line: list[Ticket] = []

    @property
    def waiting(self) -> int:
        return super().waiting + len(self._line)

    def submit(
        self,
        params: GenerationParams,
        on_step: OnStep | None = None,
        *,
        user: Hashable = None,
        priority: int = 0,
        timeout: float | None = None,
        on_preview: OnPreview | None = None,
        on_end: OnEnd | None = None,
    ) -> Ticket:
        """As the engine's, but nobody here draws previews, and all wait in the order they came, whoever they are."""
        return super().submit(params, on_step, timeout=timeout, on_preview=on_preview, on_end=on_end)

    def prepare(self, pipeline: StockPipeline) -> None:
        """Make a pipeline faster before it is used."""

    def pictures(self, pipeline: StockPipeline, tickets: Sequence[Ticket]) -> list[list[Pixels]]:
        """The pictures of each ticket."""
        return pipeline.draw([ticket.params for ticket in tickets], partial(_advance, tickets))

    def _load(self) -> Any:
        pipeline: Any = super()._load()
        self.prepare(pipeline)
        return pipeline

    def _serve(self, runner: Any) -> None:
        self._runner = runner
        self._settle(EngineState.READY)
        while tickets := self._take():
            self._draw(runner, tickets)
        _fail(self._line, EngineUnavailable("The engine was stopped."))

    def _take(self) -> list[Ticket]:
        """The oldest request, and as many like it as come within the window. Nothing once it is stopped."""
        with self._changed:
            self._changed.wait_for(self._stopped_or(lambda: len(self._alike()) > 0))
            self._changed.wait_for(self._stopped_or(lambda: len(self._alike()) >= self.most), self.window)
            tickets = self._alike() if self._state is EngineState.READY else []
            self._line = [ticket for ticket in self._line if ticket not in tickets]
            return tickets

    def _stopped_or(self, condition: Callable[[], bool]) -> Callable[[], bool]:
        return lambda: condition() or self._state is not EngineState.READY

    def _alike(self) -> list[Ticket]:
        self._line += self._room.empty()
        found: list[Ticket] = []
        pictures = 0
        for ticket in self._line:
            if alike(ticket.params) == alike(self._line[0].params):
                pictures += ticket.params.num_images
                if found and pictures > self.most:
                    break
                found.append(ticket)
        return found

    def _draw(self, pipeline: StockPipeline, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            ticket.begin()
        try:
            drawn = self.pictures(pipeline, tickets)
        except EngineError as error:
            _fail(tickets, error)
        except Exception as error:
            # The thread serves everybody: one call's failure must not end it.
            logger.exception("a request failed in the engine")
            _fail(tickets, EngineError(f"{type(error).__name__} while drawing."))
        else:
            for ticket, pictures in zip(tickets, drawn, strict=True):
                self.figures.pictures += len(pictures)
                ticket.succeed(pictures)


class FastLocked(Locked):
    """The same, with the UNet run as the engine runs it: in OpenVINO on a CPU, compiled on a GPU."""

    def prepare(self, pipeline: StockPipeline) -> None:
        on_cpu = pipeline.family.device.type == "cpu"
        name = ExecutorName.OPENVINO if on_cpu else ExecutorName.COMPILED
        executor = make_executor(pipeline.family, replace(self.config, executor=name, max_rows=ROWS))
        pipeline.replace_forward(ExecutedUNet(executor))


class Windowed(Locked):
    """What model servers with dynamic batching do: equal requests within 20 ms share a pipeline call."""

    most = 16
    window = 0.02


class Instant(Locked):
    """Draws requests that are alike but once: what a request still takes is all that is not drawing."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self._drawn: dict[Hashable, list[Pixels]] = {}

    def pictures(self, pipeline: StockPipeline, tickets: Sequence[Ticket]) -> list[list[Pixels]]:
        [ticket] = tickets
        key = (alike(ticket.params), ticket.params.num_images)
        if key not in self._drawn:
            [self._drawn[key]] = super().pictures(pipeline, tickets)
        return [self._drawn[key]]


class Ours(Engine):
    """The engine itself, which here may also be given random weights."""

    def __init__(self, config: EngineConfig) -> None:
        if config.model.startswith(PREFIX):
            config = replace(config, loader="generation.benchmark.models.load_or_build")
        super().__init__(config)


def _advance(tickets: Sequence[Ticket], step: int, steps: int) -> None:
    """A call goes on as long as anybody wants its pictures."""
    stopped = [ticket.why_stop() for ticket in tickets]
    if stopped[0] and all(stopped):
        raise stopped[0]
    for ticket in tickets:
        ticket.advance(step, steps)


def _fail(tickets: Sequence[Ticket], error: EngineError) -> None:
    for ticket in tickets:
        ticket.fail(error)
