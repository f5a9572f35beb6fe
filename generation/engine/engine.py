"""One thread that loads a model and draws with it, one request after the other."""

import logging
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import Protocol

from PIL.Image import Image

from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.errors import (
    EngineBusy,
    EngineError,
    EngineLoading,
    EngineUnavailable,
    ModelRefused,
)
from generation.engine.ticket import Ticket
from generation.params import GenerationParams

logger = logging.getLogger(__name__)


class EngineState(StrEnum):
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class Executor(Protocol):
    """What draws. Made on the engine's thread and called by it alone, but for `check`."""

    facts: ModelFacts

    def __init__(self, config: EngineConfig) -> None: ...

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for what this model cannot draw. Cheap, and safe from any thread."""

    def draw(self, params: GenerationParams, on_step: Callable[[int, int], None]) -> list[Image]:
        """Draw `params.num_images` pictures, calling `on_step(step, steps)` after every step."""


class Engine:
    """Takes requests from any thread and answers each with a ticket."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self.state = EngineState.LOADING
        self.failure = ""
        self._executor: Executor | None = None
        self._waiting: Queue[Ticket | None] = Queue(config.max_waiting)
        self._running: Ticket | None = None
        self._lock = Lock()
        self._settled = Event()
        self._thread = Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to load the model in the background."""
        self._thread.start()

    def wait_until_settled(self, timeout: float | None = None) -> EngineState:
        """Wait until the model is loaded or could not be, and say which."""
        self._settled.wait(timeout)
        return self.state

    @property
    def model(self) -> ModelFacts:
        """The loaded model. Raises `EngineLoading` or `EngineUnavailable` where there is none."""
        return self._ready_executor().facts

    @property
    def waiting(self) -> int:
        return self._waiting.qsize()

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for a combination that the loaded model cannot draw."""
        self._ready_executor().check(params)

    def submit(self, params: GenerationParams, on_step: Callable[[int, int], None] | None = None) -> Ticket:
        """Queue a request. Raises `EngineLoading`, `EngineUnavailable` or `EngineBusy`."""
        ticket = Ticket(params, on_step)
        with self._lock:
            self._ready_executor()
            try:
                self._waiting.put_nowait(ticket)
            except Full:
                raise EngineBusy("Too many requests are waiting.") from None
        return ticket

    def stop(self, timeout: float = 10.0) -> None:
        """Refuse new work, cancel the running request at its next step, and hand back those that wait."""
        with self._lock:
            self.state = EngineState.STOPPED
            self._hand_back()
            self._waiting.put(None)
        if running := self._running:
            running.cancel(EngineUnavailable("The engine was stopped."))
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _hand_back(self) -> None:
        while not self._waiting.empty():
            if ticket := self._waiting.get():
                ticket.fail(EngineUnavailable("The engine was stopped."))

    def _ready_executor(self) -> Executor:
        if self.state is EngineState.LOADING:
            raise EngineLoading("The model is being loaded.")
        if self.state is not EngineState.READY or self._executor is None:
            raise EngineUnavailable("The engine is not running.")
        return self._executor

    def _live(self) -> None:
        try:
            executor = self._load()
        except ModelRefused as error:
            logger.error("the model was refused: %s", error)
            self._settle(EngineState.FAILED, failure=str(error))
        except Exception as error:
            logger.exception("the model could not be loaded")
            self._settle(EngineState.FAILED, failure=f"{type(error).__name__}: {error}")
        else:
            self._executor = executor
            self._settle(EngineState.READY)
            while (ticket := self._waiting.get()) is not None:
                self._run(executor, ticket)

    def _settle(self, state: EngineState, failure: str = "") -> None:
        """End the loading, unless the engine was stopped meanwhile."""
        with self._lock:
            self.failure = failure
            if self.state is EngineState.LOADING:
                self.state = state
        self._settled.set()

    def _load(self) -> Executor:
        module, _, name = self.config.executor.rpartition(".")
        executor: Executor = getattr(import_module(module), name)(self.config)
        logger.info("model %s is ready on %s", executor.facts.name, executor.facts.device)
        return executor

    def _run(self, executor: Executor, ticket: Ticket) -> None:
        self._running = ticket
        try:
            ticket.begin()
            ticket.succeed(executor.draw(ticket.params, ticket.advance))
        except EngineError as error:
            ticket.fail(error)
        except Exception as error:
            # The thread serves everybody: one request's failure must not end it.
            logger.exception("a request failed in the engine")
            ticket.fail(EngineError(f"{type(error).__name__} while drawing."))
        finally:
            self._running = None
