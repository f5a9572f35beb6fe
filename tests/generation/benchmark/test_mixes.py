"""What clients ask for is the same for every contender, valid, and as mixed as its name says."""

import base64
import json
from io import BytesIO
from itertools import islice

import pytest
from PIL import Image

from generation.benchmark.mixes import SCHEDULERS, SHAPES, STEPS, Job, MixName, jobs
from generation.engine import ModelFacts
from generation.params import RequestType, SchedulerName

MODEL = ModelFacts(
    name="sd15",
    family="stable-diffusion",
    native_width=512,
    native_height=512,
    num_inference_steps=20,
    guidance_scale=7.5,
    scheduler=SchedulerName.DDIM,
    request_types=tuple(RequestType),
    device="cpu",
    dtype="float32",
)


def some(mix: MixName, count: int = 200, seed: int = 0) -> list[Job]:
    return list(islice(jobs(mix, MODEL, seed), count))


@pytest.mark.parametrize("mix", MixName)
def test_the_same_seed_asks_for_the_same(mix: MixName) -> None:
    assert some(mix) == some(mix)
    assert some(mix) != some(mix, seed=1)


def test_mix_a_is_uniform_but_for_prompt_and_seed() -> None:
    made = some(MixName.A)
    assert {job.kind for job in made} == {"default"}
    assert {(job.params.width, job.params.num_inference_steps, job.params.scheduler) for job in made} == {
        (512, 20, SchedulerName.DDIM)
    }
    assert len({job.params.prompt for job in made}) > 50


def test_mix_b_has_its_steps() -> None:
    assert {job.params.num_inference_steps for job in some(MixName.B)} == set(STEPS)
    assert {job.kind for job in some(MixName.B)} == {"4 steps", "20 steps", "50 steps"}


def test_mix_c_has_sizes_schedulers_guidance_and_images() -> None:
    made = some(MixName.C)
    assert len({(job.params.width, job.params.height) for job in made}) == len(SHAPES)
    assert {job.params.scheduler for job in made} == set(SCHEDULERS)
    assert {job.params.guided for job in made} == {True, False}
    assert {job.kind for job in made} == set(RequestType)
    assert all(job.kind == job.params.request_type for job in made)


def test_a_body_says_what_the_parameters_say() -> None:
    job = next(job for job in some(MixName.C) if job.kind == RequestType.INPAINTING)
    body = json.loads(job.body())
    image, mask = (Image.open(BytesIO(base64.b64decode(body[name]))) for name in ("image", "mask"))
    assert job.path == "image-manipulator2"
    assert image.tobytes() == job.params.image
    assert mask.tobytes() == job.params.mask
    assert body["strength"] == job.params.strength
    assert (body["width"], body["height"]) == image.size


def test_text_alone_has_no_image_in_its_body() -> None:
    job = some(MixName.A)[0]
    assert job.path == "text-to-image-generator"
    assert not {"image", "mask", "strength"} & json.loads(job.body()).keys()
