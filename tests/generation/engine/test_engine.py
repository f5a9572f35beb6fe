"""The engine's thread, states and tickets, with stand-ins for the model."""

from collections.abc import Callable
from threading import Event
from time import monotonic, sleep

import numpy as np
import pytest

from generation.engine import Engine, EngineState
from generation.engine.errors import (
    Cancelled,
    DeadlineExceeded,
    DeviceLost,
    EngineBusy,
    EngineError,
    EngineLoading,
    EngineUnavailable,
    OutOfMemory,
)
from generation.params import GenerationParams
from tests.generation.runners import Held, SlowToLoad, Stuck, picture

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
    engine = ready(make_engine("Held", max_waiting=1, buckets=(1, 2)))
    running = engine.submit(params(num_images=2))
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


def test_stopping_finishes_what_it_can_in_the_time_given(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Noise"))
    tickets = [engine.submit(params(num_inference_steps=50)) for _ in range(5)]
    engine.stop(finish_within=SECONDS)
    for ticket in tickets:
        assert ticket.result(0)


def test_a_request_whose_time_ran_out_leaves(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Held", buckets=(1, 2)))
    late = engine.submit(params(num_images=2), timeout=0.05)
    never_begun = engine.submit(params(), timeout=0.05)
    for ticket in (late, never_begun):
        with pytest.raises(DeadlineExceeded):
            ticket.result(SECONDS)
    Held.go.set()
    assert engine.submit(params()).result(SECONDS)


def test_a_poisoned_request_fails_alone(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Poisoned"))
    tickets = [engine.submit(params(seed=seed), user=seed) for seed in range(10, 17)]
    for ticket in tickets:
        if ticket.params.seed == 13:
            with pytest.raises(EngineError, match="RuntimeError"):
                ticket.result(SECONDS)
        else:
            (drawn,) = ticket.result(SECONDS)
            assert np.array_equal(np.asarray(drawn), picture(ticket.params.seed, ticket.params))
    assert engine.state is EngineState.READY


def test_what_does_not_fit_together_runs_in_smaller_ticks(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Small"))
    large = engine.submit(params(width=128, height=128))
    others = [engine.submit(params(seed=seed)) for seed in range(4)]
    with pytest.raises(OutOfMemory):
        large.result(SECONDS)
    for ticket in others:
        assert ticket.result(SECONDS)


def test_a_tick_without_end_is_a_state(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Stuck", tick_timeout=0.05))
    ticket = engine.submit(params())
    assert ticket.wait_for_start(SECONDS)
    wait_until(lambda: engine.state is EngineState.STUCK)
    with pytest.raises(EngineUnavailable):
        engine.submit(params())
    Stuck.go.set()
    assert ticket.result(SECONDS)
    assert engine.state is EngineState.READY


def test_a_lost_device_ends_the_process(
    make_engine: MakeEngine, params: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Event()
    monkeypatch.setattr("generation.engine.engine._end_process", ended.set)
    monkeypatch.setattr("generation.engine.engine.LAST_WORDS", 0.1)
    engine = ready(make_engine("Lost"))
    ticket = engine.submit(params())
    with pytest.raises(DeviceLost):
        ticket.result(SECONDS)
    assert engine.state is EngineState.LOST
    with pytest.raises(EngineUnavailable):
        engine.submit(params())
    assert ended.wait(SECONDS)


def test_what_a_callback_raises_ends_its_request_alone(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Noise"))

    def fail(step: int, steps: int) -> None:
        raise ValueError("a secret")

    bad, good = engine.submit(params(), on_step=fail), engine.submit(params())
    with pytest.raises(EngineError, match="ValueError"):
        bad.result(SECONDS)
    assert good.result(SECONDS)


def test_previews_come_when_they_were_asked_for(make_engine: MakeEngine, params: Make) -> None:
    shown: list[tuple[int, tuple[int, int]]] = []
    ticket = ready(make_engine("Noise")).submit(
        params(num_inference_steps=12), on_preview=lambda step, image: shown.append((step, image.size))
    )
    ticket.result(SECONDS)
    assert shown == [(5, (8, 8)), (10, (8, 8))]


def test_requests_of_all_users_run_together(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Held"))
    tickets = [engine.submit(params(num_inference_steps=50), user=user) for user in range(4)]
    for ticket in tickets:
        assert ticket.wait_for_start(SECONDS)
    Held.go.set()
    for ticket in tickets:
        ticket.result(SECONDS)
    assert engine.figures.rows / engine.figures.ticks > 6


def test_nothing_is_kept_of_a_request_that_ended(make_engine: MakeEngine, params: Make) -> None:
    engine = ready(make_engine("Poisoned"))
    tickets = [engine.submit(params(seed=seed, num_images=2)) for seed in (3, 12, 20)]
    for ticket in tickets[::2]:
        ticket.result(SECONDS)
    with pytest.raises(EngineError):
        tickets[1].result(SECONDS)
    assert engine._runner.states == []  # type: ignore[union-attr]


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = monotonic() + SECONDS
    while not happens():
        assert monotonic() < deadline
        sleep(0.005)
