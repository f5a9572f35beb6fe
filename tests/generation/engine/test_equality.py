"""The engine's pictures are those of the stock diffusers pipelines, alone and in company."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)
from PIL import Image

from generation.engine import Engine, EngineConfig, EngineState
from generation.engine.config import ExecutorName
from generation.engine.schedulers import make_scheduler
from generation.params import GenerationParams, RequestType, SchedulerName
from tests.generation import tiny_model

SECONDS = 120
SIDE = 64
BUCKET = 16
LARGEST = 2
DECIBELS = 50.0

SD = {
    RequestType.TEXT_TO_IMAGE: StableDiffusionPipeline,
    RequestType.IMAGE_TO_IMAGE: StableDiffusionImg2ImgPipeline,
    RequestType.INPAINTING: StableDiffusionInpaintPipeline,
}
SDXL = {
    RequestType.TEXT_TO_IMAGE: StableDiffusionXLPipeline,
    RequestType.IMAGE_TO_IMAGE: StableDiffusionXLImg2ImgPipeline,
    RequestType.INPAINTING: StableDiffusionXLInpaintPipeline,
}
PIPELINES = {"sd15": SD, "sd21": SD, "sdxl": SDXL}
Stock = Callable[[GenerationParams], np.ndarray[Any, Any]]


@pytest.fixture(scope="module", params=PIPELINES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def folder(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / kind
    tiny_model.build(path, kind)
    return path


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    """One bucket only, so that the same request gives the same bytes in any company."""
    config = EngineConfig(
        model=str(folder),
        device="cpu",
        num_threads=1,
        executor=ExecutorName.TORCH,
        max_rows=BUCKET,
        buckets=(BUCKET,),
    )
    engine = Engine(config)
    engine.start()
    assert engine.wait_until_settled(SECONDS) is EngineState.READY
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def stock(kind: str, folder: Path) -> Stock:
    """Draws with the stock pipeline for a request, made of one set of components."""
    torch.set_num_threads(1)
    base = PIPELINES[kind][RequestType.TEXT_TO_IMAGE].from_pretrained(folder)
    pipelines = {name: pipeline.from_pipe(base) for name, pipeline in PIPELINES[kind].items()}
    for pipeline in pipelines.values():
        pipeline.set_progress_bar_config(disable=True)

    def draw(params: GenerationParams) -> np.ndarray[Any, Any]:
        pipeline = pipelines[params.request_type]
        pipeline.scheduler = make_scheduler(params.scheduler, base.scheduler.config)
        output = pipeline(
            prompt=params.prompt,
            negative_prompt=params.negative_prompt or None,
            num_inference_steps=params.num_inference_steps,
            guidance_scale=params.guidance_scale,
            generator=torch.Generator().manual_seed(params.seed),
            **inputs(params),
        )
        return np.asarray(output.images[0])

    return draw


def inputs(params: GenerationParams) -> dict[str, Any]:
    """What the pipelines take beside the text; image-to-image takes its size from the image."""
    size = {"width": params.width, "height": params.height}
    if params.image is None:
        return size
    image = np.frombuffer(params.image, np.uint8).reshape(params.height, params.width, 3)
    given = {"image": Image.fromarray(image), "strength": params.strength}
    if params.mask is None:
        return given
    mask = np.frombuffer(params.mask, np.uint8).reshape(params.height, params.width)
    return given | size | {"mask_image": Image.fromarray(mask)}


def request_for(mode: RequestType, scheduler: SchedulerName, **changes: Any) -> GenerationParams:
    rng = np.random.default_rng(5)
    values: dict[str, Any] = {
        "prompt": "a red house",
        "negative_prompt": "fog",
        "width": SIDE,
        "height": SIDE,
        "num_inference_steps": 4,
        "guidance_scale": 4.5,
        "scheduler": scheduler,
        "seed": 11,
    }
    values |= changes
    pixels = values["width"] * values["height"]
    if mode is not RequestType.TEXT_TO_IMAGE:
        values |= {"image": rng.bytes(3 * pixels), "strength": values.get("strength", 0.65)}
    if mode is RequestType.INPAINTING:
        mask = np.zeros((values["height"], values["width"]), np.uint8)
        mask[: values["height"] // 2, 8:] = 255
        values |= {"mask": mask.tobytes()}
    return GenerationParams(**values)


def company(seed: int) -> list[GenerationParams]:
    """Seven other requests, of any kind."""
    rng = np.random.default_rng(seed)
    return [
        request_for(
            list(RequestType)[rng.integers(3)],
            list(SchedulerName)[rng.integers(16)],
            prompt=f"a blue boat {index}",
            num_inference_steps=int(rng.integers(2, 5)),
            guidance_scale=float(rng.choice([1.0, 3.0, 9.0])),
            seed=int(rng.integers(1000)),
        )
        for index in range(7)
    ]


def assert_same(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> None:
    difference = one.astype(int) - other
    assert np.abs(difference).max() <= LARGEST
    error = np.square(difference).mean()
    assert error == 0 or 10 * np.log10(255**2 / error) >= DECIBELS


def picture(engine: Engine, params: GenerationParams) -> np.ndarray[Any, Any]:
    return np.asarray(engine.submit(params).result(SECONDS)[0])


@pytest.mark.parametrize("scheduler", list(SchedulerName))
@pytest.mark.parametrize("mode", list(RequestType))
def test_a_picture_is_that_of_the_stock_pipeline_alone_and_in_company(
    engine: Engine, stock: Stock, mode: RequestType, scheduler: SchedulerName
) -> None:
    params = request_for(mode, scheduler)
    alone = picture(engine, params)
    assert_same(alone, stock(params))
    others = [
        engine.submit(other, user=index)
        for index, other in enumerate(company(crc32(f"{mode} {scheduler}".encode())))
    ]
    among = picture(engine, params)
    for other in others:
        other.result(SECONDS)
    assert np.array_equal(among, alone)
