"""Every contender draws what the stock pipeline draws, so that only time is compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeVar

import numpy as np
import pytest

from generation.apps import SHIPPED_MODEL
from generation.benchmark import contenders
from generation.benchmark.stock import StockPipeline, alike
from generation.engine import Engine, EngineConfig, EngineState
from generation.engine.config import ExecutorName
from generation.engine.errors import EngineUnavailable, InvalidOutput
from generation.params import GenerationParams, ParamsError
from tests.generation import tiny_model

SECONDS = 120

E = TypeVar("E", contenders.Locked, Engine)


@pytest.fixture
def config(tiny_folder: Path) -> EngineConfig:
    return EngineConfig(model=str(tiny_folder), device="cpu", num_threads=1)


@contextmanager
def running(engine: E) -> Iterator[E]:
    engine.start()
    try:
        assert engine.wait_until_settled(SECONDS) is EngineState.READY, engine.failure
        yield engine
    finally:
        engine.stop()


def kinds(params: Callable[..., GenerationParams]) -> list[GenerationParams]:
    image = {"image": bytes(range(256)) * 48, "strength": 0.5}
    return [
        params(),
        params(num_images=2),
        params(**image),
        params(**image, mask=bytes(2048) + b"\xff" * 2048),
    ]


@pytest.mark.parametrize("kind", [contenders.Locked, contenders.FastLocked, contenders.Windowed])
def test_a_contender_gives_the_stock_pipelines_pictures(
    kind: type[contenders.Locked], config: EngineConfig, params: Callable[..., GenerationParams]
) -> None:
    stock = StockPipeline(config)
    with running(kind(config)) as engine:
        for wanted in kinds(params):
            drawn = engine.submit(wanted).result(SECONDS)
            [expected] = stock.draw([wanted], lambda step, steps: None)
            assert len(drawn) == wanted.num_images
            for picture, array in zip(drawn, expected, strict=True):
                assert np.abs(np.asarray(picture, int) - array).max() <= 2


def test_the_model_that_ships_is_inpainted_by_the_stock_pipeline_as_by_ours(
    params: Callable[..., GenerationParams],
) -> None:
    """Its latents have eight channels, by which the pipeline does not know it."""
    model, torch = str(SHIPPED_MODEL), ExecutorName.TORCH
    config = EngineConfig(model=model, device="cpu", num_threads=1, executor=torch, max_rows=8)
    image = bytes(range(256)) * 48
    wanted = params(image=image, strength=0.5, mask=bytes(2048) + b"\xff" * 2048)
    [expected] = StockPipeline(config).draw([wanted], lambda step, steps: None)
    with running(contenders.Ours(config)) as engine:
        [drawn] = engine.submit(wanted).result(SECONDS)
    assert np.abs(np.asarray(drawn, int) - expected[0]).max() <= 2


@pytest.mark.parametrize("kind", [contenders.FastLocked, contenders.Windowed])
def test_sdxl_is_drawn_the_same_way(
    kind: type[contenders.Locked], tmp_path: Path, params: Callable[..., GenerationParams]
) -> None:
    tiny_model.build(tmp_path / "sdxl", "sdxl")
    config = EngineConfig(model=str(tmp_path / "sdxl"), device="cpu", num_threads=1)
    stock = StockPipeline(config)
    with running(kind(config)) as engine:
        for wanted in (*kinds(params), params(negative_prompt="fog"), params(guidance_scale=1.0)):
            drawn = engine.submit(wanted).result(SECONDS)
            [expected] = stock.draw([wanted], lambda step, steps: None)
            assert np.abs(np.asarray(drawn[0], int) - expected[0]).max() <= 2


def test_what_is_alike_is_drawn_once_where_nothing_is_to_be_drawn(
    config: EngineConfig, params: Callable[..., GenerationParams]
) -> None:
    with running(contenders.Instant(config)) as engine:
        [first], [again] = (engine.submit(params(seed=seed)).result(SECONDS) for seed in (1, 2))
        assert len(engine.submit(params(num_images=2)).result(SECONDS)) == 2
    [[expected]] = StockPipeline(config).draw([params(seed=1)], lambda step, steps: None)
    assert np.abs(np.asarray(first, int) - expected).max() <= 2
    assert first == again


def test_requests_that_are_alike_share_a_call_and_get_their_own_pictures(
    config: EngineConfig, params: Callable[..., GenerationParams]
) -> None:
    stock = StockPipeline(config)
    steps: list[tuple[int, int]] = []
    requests = [params(seed=1), params(seed=2, num_images=2, prompt="a boat")]
    together = stock.draw(requests, lambda step, of: steps.append((step, of)))
    assert steps == [(1, 2), (2, 2)]
    for wanted, drawn in zip(requests, together, strict=True):
        [alone] = stock.draw([wanted], lambda step, of: None)
        assert np.abs(np.array(drawn, int) - np.array(alone, int)).max() <= 2


def test_what_makes_requests_unlike(params: Callable[..., GenerationParams]) -> None:
    assert alike(params()) == alike(params(prompt="a boat", seed=9))
    for change in (
        {"width": 72},
        {"num_inference_steps": 3},
        {"guidance_scale": 1.0},
        {"negative_prompt": "x"},
    ):
        assert alike(params()) != alike(params(**change))


def test_a_window_gathers_what_is_alike_and_leaves_the_rest(
    config: EngineConfig, params: Callable[..., GenerationParams], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    held = Event()
    draw = StockPipeline.draw

    def recording(self: StockPipeline, requests: list[GenerationParams], on_step: object) -> object:
        held.wait(SECONDS)
        sizes.append(len(requests))
        return draw(self, requests, on_step)  # type: ignore[arg-type]

    monkeypatch.setattr(StockPipeline, "draw", recording)
    with running(contenders.Windowed(config)) as engine:
        first = engine.submit(params(seed=100))
        first.wait_for_start(SECONDS)
        steps = (2, 2, 3, 2)
        tickets = [
            engine.submit(params(seed=seed, num_inference_steps=many)) for seed, many in enumerate(steps)
        ]
        held.set()
        for ticket in [first, *tickets]:
            ticket.result(SECONDS)
    assert sizes == [1, 3, 1]


def test_a_failing_call_fails_its_requests_alone(
    config: EngineConfig, params: Callable[..., GenerationParams], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(contenders.Locked(config)) as engine:
        with monkeypatch.context() as broken:
            broken.setattr("generation.benchmark.stock.check_pixels", _refuse)
            with pytest.raises(InvalidOutput):
                engine.submit(params()).result(SECONDS)
        assert engine.submit(params()).result(SECONDS)


def test_what_cannot_be_drawn_is_refused(
    config: EngineConfig, params: Callable[..., GenerationParams]
) -> None:
    with running(contenders.Locked(config)) as engine:
        with pytest.raises(ParamsError, match="60 steps"):
            engine.check(params(scheduler="lcm", num_inference_steps=60))
        engine.stop()
        with pytest.raises(EngineUnavailable):
            engine.submit(params())


def test_a_model_that_is_not_there_is_a_failure_with_a_reason(config: EngineConfig) -> None:
    engine = contenders.Locked(replace(config, model="/nowhere"))
    engine.start()
    assert engine.wait_until_settled(SECONDS) is EngineState.FAILED
    assert "nowhere" in engine.failure


def _refuse(images: object) -> None:
    raise InvalidOutput("not finite")
