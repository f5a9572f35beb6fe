"""Pictures of the tiny model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from generation.engine import Engine, EngineConfig
from generation.engine.errors import InvalidOutput, OutOfMemory
from generation.engine.executor import PipelineExecutor, check_pixels
from generation.engine.schedulers import TABLE, make_scheduler
from generation.params import GenerationParams, ParamsError, SchedulerName

Make = Callable[..., GenerationParams]
SECONDS = 60


def draw(engine: Engine, params: GenerationParams) -> np.ndarray:
    return np.stack([np.asarray(image) for image in engine.submit(params).result(SECONDS)])


def test_the_same_seed_gives_the_same_picture(tiny_engine: Engine, params: Make) -> None:
    first = draw(tiny_engine, params())
    assert np.array_equal(first, draw(tiny_engine, params()))
    assert not np.array_equal(first, draw(tiny_engine, params(seed=8)))
    assert not np.array_equal(first, draw(tiny_engine, params(prompt="a blue boat")))


@pytest.mark.parametrize("scheduler", list(SchedulerName))
def test_every_scheduler_gives_the_stock_pipelines_picture(
    tiny_engine: Engine, stock: StableDiffusionPipeline, params: Make, scheduler: SchedulerName
) -> None:
    wanted = params(scheduler=scheduler, num_inference_steps=3, num_images=2, negative_prompt="fog")
    own = stock.scheduler
    stock.scheduler = make_scheduler(scheduler, own.config)
    images = stock(
        wanted.prompt,
        negative_prompt=wanted.negative_prompt,
        width=64,
        height=64,
        num_inference_steps=3,
        guidance_scale=3.0,
        num_images_per_prompt=2,
        generator=[torch.Generator().manual_seed(seed) for seed in (7, 8)],
    ).images
    stock.scheduler = own
    assert np.array_equal(draw(tiny_engine, wanted), np.stack([np.asarray(image) for image in images]))


@pytest.fixture(scope="module")
def stock(tiny_folder: Path) -> StableDiffusionPipeline:
    # The last bits depend on the number of threads, and the engine's has one.
    torch.set_num_threads(1)
    pipeline = StableDiffusionPipeline.from_pretrained(tiny_folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def test_the_second_image_is_that_of_the_next_seed(tiny_engine: Engine, params: Make) -> None:
    both = draw(tiny_engine, params(num_images=2))
    alone = draw(tiny_engine, params(seed=8))
    assert np.abs(both[1].astype(int) - alone[0]).max() <= 1


@pytest.mark.parametrize("size", [(64, 128), (72, 64), (136, 200)])
def test_other_sizes_on_the_grid_work(tiny_engine: Engine, params: Make, size: tuple[int, int]) -> None:
    width, height = size
    assert draw(tiny_engine, params(width=width, height=height)).shape == (1, height, width, 3)


def test_every_name_of_the_api_has_a_scheduler() -> None:
    assert TABLE.keys() == set(SchedulerName)


@pytest.mark.parametrize(("scheduler", "steps"), [("lcm", 51), ("tcd", 150), ("dpmpp_2m_karras", 50)])
def test_what_a_scheduler_cannot_do_is_refused_by_name(
    tiny_engine: Engine, params: Make, scheduler: str, steps: int
) -> None:
    with pytest.raises(ParamsError, match=scheduler) as refusal:
        tiny_engine.check(params(scheduler=SchedulerName(scheduler), num_inference_steps=steps))
    assert refusal.value.field == "scheduler"


def test_running_out_of_memory_is_named(
    tiny_folder: Path, params: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*_args: Any) -> None:
        raise torch.OutOfMemoryError

    executor = _executor(tiny_folder)
    monkeypatch.setattr(executor, "_call", call)
    with pytest.raises(OutOfMemory):
        executor.draw(params(), lambda *_: None)


def test_a_decoder_that_overflows_is_named(tiny_folder: Path, params: Make) -> None:
    executor = _executor(tiny_folder)
    with torch.no_grad():
        executor._pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(InvalidOutput, match="not finite"):
        executor.draw(params(), lambda *_: None)


def test_a_picture_of_one_colour_is_none() -> None:
    images = np.random.default_rng(0).random((2, 8, 8, 3))
    check_pixels(images)
    images[1] = (0.2, 0.4, 0.6)
    with pytest.raises(InvalidOutput, match="single colour"):
        check_pixels(images)


def _executor(folder: Path) -> PipelineExecutor:
    return PipelineExecutor(EngineConfig(model=str(folder), device="cpu", num_threads=1))
