"""The engine's thread, states and tickets, with stand-ins for the pipeline."""

from collections.abc import Callable
from time import monotonic

import numpy as np
import pytest

from generation.engine import Engine, EngineState
from generation.engine.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineBusy,
    EngineError,
    EngineLoading,
    EngineUnavailable,
    OutOfMemory,
)
from generation.params import GenerationParams
from tests.generation.executors import Held, SlowToLoad

MakeEngine = Callable[..., Engine]
Make = Callable[..., GenerationParams]
SECONDS = 10


def ready(engine: Engine) -> Engine:
    assert engine.wait_until_settled(SECONDS) is EngineState.READY
    return engine


def test_it_works(make_engine: MakeEngine, params: Make) -> None:
    steps: list[tuple[int, int]] = []
    ticket = ready(make_engine("Noise")).submit(params(num_images=2), on_step=lambda *s: steps.append(s))
    first, second = ticket.result(SECONDS)
    assert first.size == (64, 64)
    assert not np.array_equal(np.asarray(first), np.asarray(second))
    assert steps == [(1, 2), (2, 2)]
    assert ticket.progress == 1.0


def test_until_the_model_is_loaded_nothing_is_taken(make_engine: MakeEngine, params: Make) -> None:
    engine = make_engine("SlowToLoad")
    assert engine.state is EngineState.LOADING
    with pytest.raises(EngineLoading):
        engine.submit(params())
    SlowToLoad.go.set()
    ready(engine).submit(params()).result(SECONDS)


@pytest.mark.parametrize(
    ("executor", "reason"), [("Refused", "only .safetensors"), ("Broken", "no such device")]
)
def test_a_model_that_cannot_be_loaded_is_a_state(
    make_engine: MakeEngine, params: Make, executor: str, reason: str
) -> None:
    engine = make_engine(executor)
    assert engine.wait_until_settled(SECONDS) is EngineState.FAILED
    assert reason in engine.failure
    with pytest.raises(EngineUnavailable):
        engine.submit(params())


def test_a_failing_request_harms_no_other(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Exploding"))
    for _ in range(2):
        with pytest.raises(EngineError, match="RuntimeError") as failure:
            engine.submit(params()).result(SECONDS)
        assert "secret" not in str(failure.value)
    assert engine.state is EngineState.READY


def test_a_named_failure_keeps_its_name(make_engine: MakeEngine, params: Make) -> None:
    with pytest.raises(OutOfMemory):
        ready(make_engine("Full")).submit(params()).result(SECONDS)


def test_the_waiting_room_is_bounded(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Held", max_waiting=1))
    running = engine.submit(params())
    assert running.wait_for_start(SECONDS)
    waiting = engine.submit(params())
    with pytest.raises(EngineBusy):
        engine.submit(params())
    Held.go.set()
    assert running.result(SECONDS)
    assert waiting.result(SECONDS)


def test_a_cancelled_request_leaves_at_its_next_step(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Held"))
    running, waiting = engine.submit(params()), engine.submit(params())
    waiting.cancel()
    running.cancel()
    for ticket in (running, waiting):
        with pytest.raises(Cancelled):
            ticket.result(SECONDS)


def test_waiting_for_a_result_ends_in_time(make_engine: MakeEngine, params: Make) -> None:
    ticket = ready(make_engine("Held")).submit(params())
    start = monotonic()
    with pytest.raises(DeadlineExceeded):
        ticket.result(0.05)
    assert monotonic() - start < 1


def test_stopping_hands_back_what_runs_and_what_waits(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Held"))
    tickets = [engine.submit(params()) for _ in range(3)]
    engine.stop()
    for ticket in tickets:
        with pytest.raises(EngineUnavailable):
            ticket.result(SECONDS)
    with pytest.raises(EngineUnavailable):
        engine.submit(params())
    assert engine.state is EngineState.STOPPED
