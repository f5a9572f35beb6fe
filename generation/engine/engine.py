"""One thread that owns a device: it takes requests from any thread and advances all of them together."""

import logging
import os
from collections import Counter
from collections.abc import Hashable
from enum import StrEnum
from pkgutil import resolve_name
from threading import Condition, Event, Thread
from time import monotonic, sleep

from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.errors import DeviceLost, EngineError, EngineLoading, EngineUnavailable, ModelRefused
from generation.engine.figures import Figures
from generation.engine.runner import Runner
from generation.engine.ticket import OnEnd, OnPreview, OnStep, Ticket
from generation.engine.waiting import WaitingRoom
from generation.engine.work import Work
from generation.params import GenerationParams

logger = logging.getLogger(__name__)

# Reading prompts and images delays the next step of all who are under way.
BEGUN_PER_TURN = 8
# Seconds for those whose requests end with the device to put them back, and for whoever watches to be told.
LAST_WORDS = 3.0


class EngineState(StrEnum):
    LOADING = "loading"
    READY = "ready"
    STUCK = "stuck"
    LOST = "lost"
    FAILED = "failed"
    STOPPED = "stopped"


class Engine:
    """Answers each request with a ticket."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self.failure = ""
        self.figures = Figures()
        self._state = EngineState.LOADING
        self._runner: Runner | None = None
        self._room = WaitingRoom(config.max_waiting)
        self._work: Work | None = None
        # Guards the state and the waiting room, and wakes the thread.
        self._changed = Condition()
        self._finish_until = 0.0
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
    def state(self) -> EngineState:
        """`stuck` as long as one call to the device takes longer than `tick_timeout`; `lost` until the process ends."""
        work = self._work
        if work is None or self._state is not EngineState.READY:
            return self._state
        if work.device_lost:
            return EngineState.LOST
        return EngineState.STUCK if work.seconds_in_call > self.config.tick_timeout else EngineState.READY

    @property
    def model(self) -> ModelFacts:
        """The loaded model. Raises `EngineLoading` or `EngineUnavailable` where there is none."""
        return self._ready_runner().facts

    @property
    def waiting(self) -> int:
        """The requests that were not yet begun."""
        return len(self._room)

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for a combination that the loaded model cannot draw."""
        self._ready_runner().check(params)

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
        """Queue a request, to be done within `timeout` seconds.

        Raises `EngineLoading`, `EngineUnavailable` or `EngineBusy`. See `Ticket` for the rest.
        """
        deadline = None if timeout is None else monotonic() + timeout
        ticket = Ticket(
            params,
            on_step,
            user=user,
            priority=priority,
            deadline=deadline,
            on_preview=on_preview,
            on_end=on_end,
        )
        with self._changed:
            self._ready_runner()
            self._room.put(ticket)
            self._changed.notify()
        return ticket

    def stop(self, timeout: float = 10.0, finish_within: float = 0.0) -> None:
        """Refuse new work, finish what can be done in `finish_within` seconds, and hand back the rest."""
        with self._changed:
            self._state = EngineState.STOPPED
            self._finish_until = monotonic() + finish_within
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout + finish_within)

    def _ready_runner(self) -> Runner:
        if self._state is EngineState.LOADING:
            raise EngineLoading("The model is being loaded.")
        if self.state is not EngineState.READY or self._runner is None:
            raise EngineUnavailable("The engine is not running.")
        return self._runner

    def _live(self) -> None:
        try:
            runner = self._load()
        except ModelRefused as error:
            logger.error("the model was refused: %s", error)
            self._settle(EngineState.FAILED, failure=str(error))
        except Exception as error:
            logger.exception("the model could not be loaded")
            self._settle(EngineState.FAILED, failure=f"{type(error).__name__}: {error}")
        else:
            self._serve(runner)

    def _load(self) -> Runner:
        runner: Runner = resolve_name(self.config.runner)(self.config)
        logger.info("model %s is ready on %s", runner.facts.name, runner.facts.device)
        return runner

    def _settle(self, state: EngineState, failure: str = "") -> None:
        """End the loading, unless the engine was stopped meanwhile."""
        with self._changed:
            self.failure = failure
            if self._state is EngineState.LOADING:
                self._state = state
        self._settled.set()

    def _serve(self, runner: Runner) -> None:
        self._runner = runner
        work = self._work = Work(runner, self.config.buckets, self.figures)
        self._settle(EngineState.READY)
        try:
            while self._goes_on(work):
                self._admit(work)
                work.turn()
        except Exception as error:
            # What a single request can cause is dealt with in `Work`; this is the end of the engine.
            logger.exception("the engine broke down")
            self._state, self.failure = EngineState.FAILED, f"{type(error).__name__}: {error}"
        if work.device_lost:
            self._state, self.failure = EngineState.LOST, "The device is lost."
        self._hand_back(work)
        if work.device_lost:
            sleep(LAST_WORDS)
        runner.close()
        if work.device_lost:
            _end_process()

    def _goes_on(self, work: Work) -> bool:
        """Sleep while there is nothing to do; say whether there may be more to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._room or work.busy or self._state is not EngineState.READY)
            if self._state is EngineState.STOPPED:
                return (bool(self._room) or work.busy) and monotonic() < self._finish_until
            return not work.device_lost

    def _admit(self, work: Work) -> None:
        """Begin as many of the waiting requests as have a place."""
        with self._changed:
            dropped = self._room.sift()
            admitted: list[Ticket] = []
            under_way = Counter(work.users())
            rows = work.free_rows
            while rows > 0 and len(admitted) < BEGUN_PER_TURN and (ticket := self._room.take(under_way)):
                admitted.append(ticket)
                rows -= 2 * ticket.params.num_images
                under_way[ticket.user] += 1
        for ticket in dropped:
            ticket.fail(ticket.why_stop() or EngineError("The request was taken back."))
        work.begin(admitted)

    def _hand_back(self, work: Work) -> None:
        error = EngineUnavailable("The engine was stopped.")
        with self._changed:
            waiting = self._room.empty()
        for ticket in waiting:
            ticket.fail(error)
        # One of those that were under way may have broken the device.
        work.hand_back(DeviceLost("The device is lost.") if work.device_lost else error)


def _end_process() -> None:
    """A lost device comes back in a new process only, which whoever watches over this one starts."""
    logger.critical("the device is lost; this process ends")
    logging.shutdown()
    os._exit(os.EX_SOFTWARE)
