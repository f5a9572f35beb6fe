"""What goes wrong with one request of the real engine: it fails by its name, and its neighbours are untouched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
import torch

from generation.engine import Engine, EngineConfig, EngineState
from generation.engine.config import ExecutorName
from generation.engine.denoising import Denoising
from generation.engine.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineError,
    EngineUnavailable,
    InvalidOutput,
    OutOfMemory,
)
from generation.engine.ticket import Ticket
from generation.params import GenerationParams, SchedulerName

Make = Callable[..., GenerationParams]
Predict = Callable[..., torch.Tensor]
SECONDS = 60
POISON = "poison"
STEPS = 12


@pytest.fixture
def engine(tiny_folder: Path) -> Iterator[Engine]:
    """One bucket only: a tick's bytes are the same in any company."""
    config = EngineConfig(
        model=str(tiny_folder),
        device="cpu",
        num_threads=1,
        executor=ExecutorName.TORCH,
        max_rows=8,
        buckets=(8,),
    )
    engine = Engine(config)
    engine.start()
    assert engine.wait_until_settled(SECONDS) is EngineState.READY
    yield engine
    engine.stop()


@pytest.fixture
def neighbours(params: Make) -> list[GenerationParams]:
    return [
        params(seed=1, num_inference_steps=STEPS),
        params(seed=2, num_inference_steps=STEPS, scheduler=SchedulerName.UNIPC),
        params(
            seed=3, num_inference_steps=STEPS, scheduler=SchedulerName.EULER_ANCESTRAL, guidance_scale=1.0
        ),
    ]


@pytest.fixture
def poison(params: Make) -> GenerationParams:
    return params(prompt=POISON, num_inference_steps=STEPS)


@pytest.fixture
def among_others(
    engine: Engine, neighbours: list[GenerationParams]
) -> Callable[[Callable[[], Ticket]], Ticket]:
    """Submits a request between others, which must give the pictures that they give alone."""
    alone = [draw(engine, params) for params in neighbours]

    def submit(culprit: Callable[[], Ticket]) -> Ticket:
        first = engine.submit(neighbours[0], user="first")
        ticket = culprit()
        rest = [engine.submit(params, user="rest") for params in neighbours[1:]]
        for wanted, other in zip(alone, [first, *rest], strict=True):
            assert np.array_equal(np.asarray(other.result(SECONDS)[0]), wanted)
        return ticket

    return submit


def draw(engine: Engine, params: GenerationParams) -> np.ndarray[Any, Any]:
    return np.asarray(engine.submit(params).result(SECONDS)[0])


def denoising(engine: Engine) -> Denoising:
    assert isinstance(engine._runner, Denoising)
    return engine._runner


def meddle(engine: Engine, with_output: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
    """Let `with_output(output, poisoned)` change what the UNet gives; `poisoned` says which rows are poison's."""
    runner = denoising(engine)
    predict: Predict = runner.executor.__call__
    poisoned_text = runner.family.read([POISON])[0]["encoder_hidden_states"]

    def meddled(sample: torch.Tensor, timesteps: torch.Tensor, rows: dict[str, torch.Tensor]) -> torch.Tensor:
        poisoned = (rows["encoder_hidden_states"] == poisoned_text).flatten(1).all(1)
        return with_output(predict(sample, timesteps, rows), poisoned)

    for _, stepping in runner._racks.values():
        stepping._predict = meddled


def test_a_cancelled_request_leaves(
    engine: Engine, poison: GenerationParams, among_others: Callable[..., Ticket]
) -> None:
    tickets: list[Ticket] = []

    def cancel(step: int, steps: int) -> None:
        if step == 3:
            tickets[0].cancel()

    def culprit() -> Ticket:
        tickets.append(engine.submit(poison, on_step=cancel))
        return tickets[0]

    ticket = among_others(culprit)
    with pytest.raises(Cancelled):
        ticket.result(SECONDS)
    assert ticket.progress == 3 / STEPS


def test_a_request_out_of_time_leaves(
    engine: Engine, poison: GenerationParams, among_others: Callable[..., Ticket]
) -> None:
    slow = lambda step, steps: sleep(0.1)  # noqa: E731
    ticket = among_others(lambda: engine.submit(poison, on_step=slow, timeout=0.25))
    with pytest.raises(DeadlineExceeded):
        ticket.result(SECONDS)
    assert 0 < ticket.progress < 1


def test_values_that_are_not_finite_stay_with_their_request(
    engine: Engine, poison: GenerationParams, among_others: Callable[..., Ticket]
) -> None:
    def overflow(output: torch.Tensor, poisoned: torch.Tensor) -> torch.Tensor:
        return output.masked_fill(poisoned[:, None, None, None], float("nan"))

    meddle(engine, overflow)
    ticket = among_others(lambda: engine.submit(poison))
    with pytest.raises(InvalidOutput):
        ticket.result(SECONDS)


def test_a_place_is_clean_for_the_next(
    engine: Engine, poison: GenerationParams, neighbours: list[GenerationParams]
) -> None:
    wanted = [draw(engine, params) for params in neighbours]
    meddle(engine, lambda output, _: output * float("nan"))
    for params in neighbours:
        with pytest.raises(InvalidOutput):
            draw(engine, params)
    meddle(engine, lambda output, _: output)
    for _, stepping in denoising(engine)._racks.values():
        stepping._predict = denoising(engine).executor
    assert all(
        np.array_equal(draw(engine, params), picture)
        for params, picture in zip(neighbours, wanted, strict=True)
    )


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), OutOfMemory),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), OutOfMemory),
        (RuntimeError("a shape that does not fit"), EngineError),
    ],
)
def test_a_request_that_breaks_its_tick_fails_alone(
    engine: Engine,
    poison: GenerationParams,
    among_others: Callable[..., Ticket],
    raised: Exception,
    named: type[EngineError],
) -> None:
    def fail(output: torch.Tensor, poisoned: torch.Tensor) -> torch.Tensor:
        if poisoned.any():
            raise raised
        return output

    meddle(engine, fail)
    ticket = among_others(lambda: engine.submit(poison))
    with pytest.raises(named) as failure:
        ticket.result(SECONDS)
    assert type(failure.value) is named
    assert engine.state is EngineState.READY


def test_a_request_that_cannot_be_prepared_fails_alone(
    engine: Engine,
    poison: GenerationParams,
    among_others: Callable[..., Ticket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    family = denoising(engine).family
    read = family.read

    def fail(texts: list[str]) -> Any:
        if POISON in texts:
            raise RuntimeError("a secret of the machine")
        return read(texts)

    monkeypatch.setattr(family, "read", fail)
    ticket = among_others(lambda: engine.submit(poison))
    with pytest.raises(EngineError, match="RuntimeError") as failure:
        ticket.result(SECONDS)
    assert "secret" not in str(failure.value)


def test_a_stop_under_load_finishes_some_and_hands_back_the_rest(
    engine: Engine, neighbours: list[GenerationParams], params: Make
) -> None:
    wanted = [draw(engine, params) for params in neighbours]
    tickets = [engine.submit(params, user="alice") for params in neighbours]
    endless = engine.submit(params(num_inference_steps=150, scheduler=SchedulerName.HEUN), user="bob")
    late = [engine.submit(params(seed=seed), user="carol") for seed in range(100)]
    for ticket in tickets:
        assert ticket.wait_for_start(SECONDS)
    engine.stop(finish_within=1.0)
    ended = [ticket for ticket in tickets if not isinstance(ticket._error, EngineUnavailable)]
    for ticket, picture in zip(tickets, wanted, strict=True):
        if ticket in ended:
            assert np.array_equal(np.asarray(ticket.result(0)[0]), picture)
    for ticket in [endless, *late]:
        assert ticket.ended
    with pytest.raises(EngineUnavailable):
        engine.submit(neighbours[0])
