"""Other ways to serve a model, each with the engine's interface, so that the same server can run them all."""

import logging
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from threading import Condition, Event, Thread
from time import monotonic

from generation.benchmark.executed import ExecutedUNet
from generation.benchmark.models import PREFIX
from generation.benchmark.stock import Pixels, StockPipeline, alike
from generation.engine import Engine, EngineConfig, EngineState, ModelFacts
from generation.engine.config import ExecutorName
from generation.engine.errors import EngineBusy, EngineError, EngineLoading, EngineUnavailable
from generation.engine.executor import make_executor
from generation.engine.figures import Figures
from generation.engine.ticket import OnPreview, OnStep, Ticket
from generation.params import GenerationParams

logger = logging.getLogger(__name__)

# Those of one picture with guidance.
ROWS = 2


class Locked:
    """What most services are: the stock pipeline behind a lock, one request after the other.

    `most` pictures go into a call; for so many, a call waits `window` seconds.
    """

    most = 1
    window = 0.0

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self.state = EngineState.LOADING
        self.failure = ""
        self.figures = Figures()
        self._pipeline: StockPipeline | None = None
        self._waiting: deque[Ticket] = deque()
        self._changed = Condition()
        self._settled = Event()
        self._thread = Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_until_settled(self, timeout: float | None = None) -> EngineState:
        self._settled.wait(timeout)
        return self.state

    @property
    def model(self) -> ModelFacts:
        return self._ready_pipeline().facts

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def check(self, params: GenerationParams) -> None:
        self._ready_pipeline().check(params)

    def submit(
        self,
        params: GenerationParams,
        on_step: OnStep | None = None,
        *,
        user: Hashable = None,
        timeout: float | None = None,
        on_preview: OnPreview | None = None,
    ) -> Ticket:
        """As the engine's, but nobody here draws previews, and users wait in the order they came."""
        deadline = None if timeout is None else monotonic() + timeout
        ticket = Ticket(params, on_step, user=user, deadline=deadline, on_preview=on_preview)
        with self._changed:
            self._ready_pipeline()
            if len(self._waiting) >= self.config.max_waiting:
                raise EngineBusy("Too many requests are waiting.")
            self._waiting.append(ticket)
            self._changed.notify()
        return ticket

    def stop(self, timeout: float = 10.0, finish_within: float = 0.0) -> None:
        """Hand back what waits; a call that runs is not interrupted."""
        with self._changed:
            self.state = EngineState.STOPPED
            while self._waiting:
                self._waiting.popleft().fail(EngineUnavailable("The engine was stopped."))
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout + finish_within)

    def prepare(self, pipeline: StockPipeline) -> None:
        """Make a pipeline faster before it is used."""

    def pictures(self, pipeline: StockPipeline, tickets: Sequence[Ticket]) -> list[list[Pixels]]:
        """The pictures of each ticket."""
        return pipeline.draw([ticket.params for ticket in tickets], partial(_advance, tickets))

    def _ready_pipeline(self) -> StockPipeline:
        if self.state is EngineState.LOADING:
            raise EngineLoading("The model is being loaded.")
        if self.state is not EngineState.READY or self._pipeline is None:
            raise EngineUnavailable("The engine is not running.")
        return self._pipeline

    def _live(self) -> None:
        try:
            pipeline = StockPipeline(self.config)
            self.prepare(pipeline)
        except Exception as error:
            logger.exception("the model could not be loaded")
            self._settle(EngineState.FAILED, failure=f"{type(error).__name__}: {error}")
            return
        self._pipeline = pipeline
        self._settle(EngineState.READY)
        while tickets := self._take():
            self._draw(pipeline, tickets)

    def _settle(self, state: EngineState, failure: str = "") -> None:
        with self._changed:
            self.failure = failure
            if self.state is EngineState.LOADING:
                self.state = state
        self._settled.set()

    def _take(self) -> list[Ticket]:
        """The oldest request, and as many like it as come within the window. Nothing once it is stopped."""
        with self._changed:
            self._changed.wait_for(self._stopped_or(lambda: len(self._waiting) > 0))
            self._changed.wait_for(self._stopped_or(lambda: len(self._alike()) >= self.most), self.window)
            tickets = self._alike()
            for ticket in tickets:
                self._waiting.remove(ticket)
            return tickets

    def _stopped_or(self, condition: Callable[[], bool]) -> Callable[[], bool]:
        return lambda: self.state is not EngineState.READY or condition()

    def _alike(self) -> list[Ticket]:
        found: list[Ticket] = []
        pictures = 0
        for ticket in self._waiting:
            if alike(ticket.params) == alike(self._waiting[0].params):
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
