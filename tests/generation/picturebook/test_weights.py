"""The weights that ship. `manage.py evaluate_picturebook` measures them fully; here a few scenes must do."""

import json

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from generation.picturebook.captions import plain_caption
from generation.picturebook.evaluate import Exam, mark, paint
from generation.picturebook.judge import Judge
from generation.picturebook.train import SERVICE, WEIGHTS
from generation.picturebook.world import HELD_OUT

STEPS, GUIDANCE = int(str(SERVICE["num_inference_steps"])), float(str(SERVICE["guidance_scale"]))


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(WEIGHTS, dtype=torch.float32, local_files_only=True)


def test_they_are_small_and_safe() -> None:
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".safetensors", ".md"}
    assert sum(path.stat().st_size for path in files) <= 30_000_000


def test_the_service_is_told_its_defaults() -> None:
    assert json.loads((WEIGHTS / "service.json").read_text()) == SERVICE


def test_it_paints_scenes_that_it_never_saw(pipeline: StableDiffusionPipeline) -> None:
    scenes = tuple(sorted(HELD_OUT)[::10])
    exam = Exam("never trained on", scenes, tuple(map(plain_caption, scenes)))
    result = mark(exam, paint(pipeline, exam.captions, 7, STEPS, GUIDANCE), Judge.learn())
    for share in (result.colour, result.thing, result.place, result.time):
        assert share >= 0.87, result.mistakes


@pytest.mark.parametrize("size", [(64, 64), (136, 200), (256, 128)])
def test_other_sizes_work(pipeline: StableDiffusionPipeline, size: tuple[int, int]) -> None:
    width, height = size
    image = pipeline("a red boat", width=width, height=height, num_inference_steps=2).images[0]
    assert image.size == size
