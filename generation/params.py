"""The parameters of one generation, their limits and their price: what web, queue and engine agree on."""

import math
from dataclasses import dataclass
from enum import StrEnum

PROMPT_MAX_LENGTH = 2000

SIDE_MULTIPLE = 8
SIDE_MIN = 64
SIDE_MAX = 2048

STEPS_MIN = 1
STEPS_MAX = 150

GUIDANCE_MIN = 0.0
GUIDANCE_MAX = 30.0
NO_GUIDANCE = 1.0

SEED_MAX = 2**32 - 1

IMAGES_MIN = 1
IMAGES_MAX = 8

QUALITY_MIN = 1
QUALITY_MAX = 100
QUALITY_DEFAULT = 90

REQUEST_TIME_TOLERANCE_HOURS = 24

STEPS_PER_CREDIT = 50


class RequestType(StrEnum):
    TEXT_TO_IMAGE = "text-to-image"


class OutputFormat(StrEnum):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class SchedulerName(StrEnum):
    DDIM = "ddim"
    DDPM = "ddpm"
    EULER = "euler"
    EULER_KARRAS = "euler_karras"
    EULER_ANCESTRAL = "euler_ancestral"
    HEUN = "heun"
    LMS = "lms"
    PNDM = "pndm"
    DEIS = "deis"
    UNIPC = "unipc"
    DPMPP_2M = "dpmpp_2m"
    DPMPP_2M_KARRAS = "dpmpp_2m_karras"
    DPMPP_2M_SDE = "dpmpp_2m_sde"
    KDPM2 = "kdpm2"
    LCM = "lcm"
    TCD = "tcd"


class ParamsError(ValueError):
    """One parameter is outside its limits; `field` says which."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationParams:
    """Every effective value of one text-to-image generation; image `i` is drawn from `seed + i`."""

    prompt: str
    negative_prompt: str = ""
    width: int
    height: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: SchedulerName
    seed: int
    num_images: int = IMAGES_MIN
    output_format: OutputFormat = OutputFormat.PNG
    quality: int = QUALITY_DEFAULT

    def __post_init__(self) -> None:
        _check_length("prompt", self.prompt, 1)
        _check_length("negative_prompt", self.negative_prompt, 0)
        for side in ("width", "height"):
            _check_range(side, getattr(self, side), SIDE_MIN, SIDE_MAX)
            _check_multiple(side, getattr(self, side))
        _check_range("num_inference_steps", self.num_inference_steps, STEPS_MIN, STEPS_MAX)
        _check_range("guidance_scale", self.guidance_scale, GUIDANCE_MIN, GUIDANCE_MAX)
        _check_range("num_images", self.num_images, IMAGES_MIN, IMAGES_MAX)
        _check_seeds(self.seed, self.num_images)
        _check_range("quality", self.quality, QUALITY_MIN, QUALITY_MAX)

    @property
    def guided(self) -> bool:
        """Whether classifier-free guidance is on, which doubles the rows of every step."""
        return self.guidance_scale > NO_GUIDANCE

    def seeds(self) -> list[int]:
        return [self.seed + index for index in range(self.num_images)]

    def cost(self, native_width: int, native_height: int) -> int:
        """Credits: one is one image of the model's native size at up to `STEPS_PER_CREDIT` steps."""
        work = self.width * self.height * self.num_inference_steps
        credit = native_width * native_height * STEPS_PER_CREDIT
        return self.num_images * max(1, -(-work // credit))


def _check_length(field: str, text: str, minimum: int) -> None:
    if not minimum <= len(text) <= PROMPT_MAX_LENGTH:
        raise ParamsError(field, f"Must have {minimum} to {PROMPT_MAX_LENGTH} characters.")


def _check_range(field: str, value: float, minimum: float, maximum: float) -> None:
    if not math.isfinite(value) or not minimum <= value <= maximum:
        raise ParamsError(field, f"Must be from {minimum} to {maximum}.")


def _check_multiple(field: str, value: int) -> None:
    if value % SIDE_MULTIPLE:
        raise ParamsError(field, f"Must be a multiple of {SIDE_MULTIPLE}.")


def _check_seeds(seed: int, num_images: int) -> None:
    _check_range("seed", seed, 0, SEED_MAX)
    if seed + num_images - 1 > SEED_MAX:
        raise ParamsError("seed", f"Must leave room for {num_images} images: image i uses seed + i.")
