"""Pictures of the tiny model: what the engine promises beside being equal to the stock pipelines."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine import Engine, EngineConfig
from generation.engine.config import ExecutorName
from generation.engine.denoising import READINGS, Denoising
from generation.engine.errors import InvalidOutput
from generation.engine.schedulers import TABLE
from generation.params import GenerationParams, ParamsError, RequestType, SchedulerName
from tests.generation import tiny_model

Make = Callable[..., GenerationParams]
SECONDS = 60


def draw(engine: Engine, params: GenerationParams) -> np.ndarray:
    return np.stack([np.asarray(image) for image in engine.submit(params).result(SECONDS)])


def denoising(folder: Path) -> Denoising:
    return Denoising(EngineConfig(model=str(folder), device="cpu", num_threads=1, max_rows=8))


def test_the_same_seed_gives_the_same_picture(tiny_engine: Engine, params: Make) -> None:
    first = draw(tiny_engine, params())
    assert np.array_equal(first, draw(tiny_engine, params()))
    assert not np.array_equal(first, draw(tiny_engine, params(seed=8)))
    assert not np.array_equal(first, draw(tiny_engine, params(prompt="a blue boat")))


def test_the_second_image_is_that_of_the_next_seed(tiny_engine: Engine, params: Make) -> None:
    both = draw(tiny_engine, params(num_images=2))
    alone = draw(tiny_engine, params(seed=8))
    assert np.abs(both[1].astype(int) - alone[0]).max() <= 1


def test_in_any_bucket_a_picture_is_the_same_up_to_rounding(tiny_engine: Engine, params: Make) -> None:
    requests = [
        params(seed=seed, scheduler=scheduler, num_inference_steps=3 + seed % 3, guidance_scale=seed % 4)
        for seed, scheduler in enumerate(SchedulerName)
    ]
    alone = [draw(tiny_engine, request) for request in requests]
    together = [tiny_engine.submit(request, user=index) for index, request in enumerate(requests)]
    for picture, ticket in zip(alone, together, strict=True):
        assert np.abs(np.asarray(ticket.result(SECONDS)[0]).astype(int) - picture[0]).max() <= 2


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


def test_a_model_that_only_inpaints_says_so(tmp_path: Path, params: Make) -> None:
    tiny_model.build(tmp_path / "inpaint9", "inpaint9")
    runner = denoising(tmp_path / "inpaint9")
    assert runner.facts.request_types == (RequestType.INPAINTING,)
    with pytest.raises(ParamsError, match="nothing but this: inpainting") as refusal:
        runner.check(params())
    assert refusal.value.field == "request_type"


def test_a_decoder_that_overflows_is_named(tiny_folder: Path, params: Make) -> None:
    runner = denoising(tiny_folder)
    with torch.no_grad():
        runner.family.pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(InvalidOutput, match="not finite"):
        decode_noise(runner, params())


def test_a_picture_of_one_colour_is_none(tiny_folder: Path, params: Make) -> None:
    runner = denoising(tiny_folder)
    with torch.no_grad():
        runner.family.pipeline.vae.decoder.conv_out.weight.fill_(0.0)
    with pytest.raises(InvalidOutput, match="single colour"):
        decode_noise(runner, params())


def decode_noise(runner: Denoising, params: GenerationParams) -> None:
    (member,) = runner.members(params)
    runner.begin(member, params, 0)
    runner.finish(member).array()


def test_prompts_are_read_once_and_not_kept_for_ever(tiny_folder: Path, params: Make) -> None:
    runner = denoising(tiny_folder)
    runner.read([params(), params(seed=8)])
    assert set(runner._readings) == {"a red house", ""}
    row = runner._readings["a red house"]
    runner.read([params(prompt=f"number {number}") for number in range(READINGS - 3)])
    runner.read([params()])
    assert runner._readings["a red house"] is row
    runner.read([params(prompt=f"another {number}") for number in range(READINGS)])
    assert "a red house" not in runner._readings
    assert len(runner._readings) == READINGS + 1


def test_larger_pictures_take_fewer_rows(tiny_folder: Path) -> None:
    runner = denoising(tiny_folder)
    assert runner.cap((4, 8, 8)) == 8
    assert runner.cap((4, 16, 16)) == 2
    assert runner.cap((4, 100, 100)) == 1


def test_a_preview_is_a_small_picture_of_the_one_to_come(tiny_engine: Engine, params: Make) -> None:
    shown = []
    request = params(num_inference_steps=12)
    tiny_engine.submit(request, on_preview=lambda step, image: shown.append((step, image))).result(SECONDS)
    assert [step for step, _ in shown] == [5, 10]
    assert all(image.size == (8, 8) for _, image in shown)


def test_the_torch_executor_can_be_measured(tiny_folder: Path) -> None:
    config = EngineConfig(
        model=str(tiny_folder), device="cpu", num_threads=1, executor=ExecutorName.TORCH, buckets=(1, 2, 4)
    )
    assert Denoising(config).executor.native_cap in (1, 2, 4)
