"""What clients ask for: endless, seeded, and so the same for every contender."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from generation.engine import ModelFacts
from generation.params import (
    STRENGTH_DEFAULT,
    GenerationParams,
    RequestType,
    SchedulerName,
)

COLOURS = ("red", "blue", "green", "yellow", "white", "black", "orange", "purple")
THINGS = ("house", "boat", "tree", "car", "tower", "bridge", "balloon", "castle")
PLACES = ("in the snow", "by the sea", "on a hill", "in a field", "under the stars", "in the rain")

STEPS = (4, 20, 50)
# Shares of the native width and height, in eighths.
SHAPES = ((8, 8), (8, 6), (6, 6))
SCHEDULERS = (
    SchedulerName.DDIM,
    SchedulerName.EULER,
    SchedulerName.EULER_ANCESTRAL,
    SchedulerName.HEUN,
    SchedulerName.PNDM,
    SchedulerName.UNIPC,
    SchedulerName.DPMPP_2M,
)
# Times the model's own guidance; 0 is none, and half the rows.
GUIDANCE = (0.0, 1.0, 1.5)
# A size must suit the UNet's halvings, not only the autoencoder's.
SIZE_STEP = 32

PATHS = {
    RequestType.TEXT_TO_IMAGE: "text-to-image-generator",
    RequestType.IMAGE_TO_IMAGE: "image-manipulator1",
    RequestType.INPAINTING: "image-manipulator2",
}


class MixName(StrEnum):
    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Job:
    """One request, and the class that its latency is counted in."""

    kind: str
    params: GenerationParams

    @property
    def path(self) -> str:
        return PATHS[self.params.request_type]

    def body(self) -> bytes:
        """What a client would send."""
        params = self.params
        values: dict[str, Any] = {
            "prompt": params.prompt,
            "width": params.width,
            "height": params.height,
            "num_inference_steps": params.num_inference_steps,
            "guidance_scale": params.guidance_scale,
            "scheduler": params.scheduler,
            "seed": params.seed,
        }
        if params.strength is not None:
            values["strength"] = params.strength
        for name, mode in (("image", "RGB"), ("mask", "L")):
            if pixels := getattr(params, name):
                values[name] = _png(mode, params.width, params.height, pixels)
        return json.dumps(values).encode()


def jobs(name: MixName, model: ModelFacts, seed: int) -> Iterator[Job]:
    """The jobs of a mix, one after the other."""
    rng = Random(seed)
    while True:
        yield MIXES[name](model, rng)


def _uniform(model: ModelFacts, rng: Random) -> Job:
    return Job("default", GenerationParams(**_defaults(model, rng)))


def _steps(model: ModelFacts, rng: Random) -> Job:
    steps = rng.choice(STEPS)
    values = _defaults(model, rng) | {"num_inference_steps": steps}
    return Job(f"{steps} steps", GenerationParams(**values))


def _everything(model: ModelFacts, rng: Random) -> Job:
    wide, high = rng.choice(SHAPES)
    values = _defaults(model, rng) | {
        "width": _side(model.native_width, wide),
        "height": _side(model.native_height, high),
        "scheduler": rng.choice(SCHEDULERS),
        "guidance_scale": model.guidance_scale * rng.choice(GUIDANCE),
    }
    kind = rng.choice(model.request_types)
    return Job(kind, GenerationParams(**values | _inputs(kind, values["width"], values["height"])))


MIXES: dict[MixName, Callable[[ModelFacts, Random], Job]] = {
    MixName.A: _uniform,
    MixName.B: _steps,
    MixName.C: _everything,
}


def _defaults(model: ModelFacts, rng: Random) -> dict[str, Any]:
    return {
        "prompt": f"a {rng.choice(COLOURS)} {rng.choice(THINGS)} {rng.choice(PLACES)}",
        "width": model.native_width,
        "height": model.native_height,
        "num_inference_steps": model.num_inference_steps,
        "guidance_scale": model.guidance_scale,
        "scheduler": model.scheduler,
        "seed": rng.randrange(2**31),
    }


def _side(native: int, eighths: int) -> int:
    return max(64, native * eighths // 8 // SIZE_STEP * SIZE_STEP)


def _inputs(kind: RequestType, width: int, height: int) -> dict[str, Any]:
    """The image, the mask and the strength that a request of this kind carries."""
    if kind is RequestType.TEXT_TO_IMAGE:
        return {}
    image = {"image": _landscape(width, height), "strength": STRENGTH_DEFAULT}
    return image if kind is RequestType.IMAGE_TO_IMAGE else image | {"mask": _right_half(width, height)}


@cache
def _landscape(width: int, height: int) -> bytes:
    """A sky over a meadow."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2] = (120, 170, 230)
    pixels[height // 2 :] = (80, 140, 60)
    pixels[..., 0] += np.linspace(0, 60, width).astype(np.uint8)
    return pixels.tobytes()


@cache
def _right_half(width: int, height: int) -> bytes:
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, width // 2 :] = 255
    return pixels.tobytes()


@cache
def _png(mode: str, width: int, height: int, pixels: bytes) -> str:
    file = BytesIO()
    Image.frombytes(mode, (width, height), pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
