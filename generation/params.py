"""The parameters of one generation, their limits and their price: what web, queue and engine agree on."""

import math
from dataclasses import dataclass, field
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

STRENGTH_MAX = 1.0
STRENGTH_DEFAULT = 0.75

IMAGE_MAX_BYTES = 20 * 2**20
IMAGE_MAX_PIXELS = 16_000_000


class RequestType(StrEnum):
    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_TO_IMAGE = "image-to-image"
    INPAINTING = "inpainting"


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


def gettext_noop(text: str) -> str:
    """Marks what is translated by whoever shows it, as Django's does, which is not known here."""
    return text


class ParamsError(ValueError):
    """One parameter is outside its limits; `field` says which.

    `message` is in English; to be said in another language, `template` is translated, then filled with `values`.
    """

    def __init__(self, field: str, template: str, **values: object) -> None:
        self.field = field
        self.template = template
        self.values = values
        self.message = template.format(**values)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationParams:
    """Every effective value of one generation; image `i` is drawn from `seed + i`.

    `image` holds the picture to start from as rows of RGB bytes, `width * height * 3` of them, and `mask` one byte
    a pixel, of which those from 128 on are painted anew; both have the size of the picture that is asked for.
    `strength` says how much of the image is given up, and so how many of the steps are done.
    """

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
    strength: float | None = None
    image: bytes | None = field(default=None, repr=False)
    mask: bytes | None = field(default=None, repr=False)

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
        self._check_image()

    def _check_image(self) -> None:
        _check_pixels("image", self.image, 3 * self.width * self.height)
        _check_pixels("mask", self.mask, self.width * self.height)
        if self.image is None and self.mask is not None:
            raise ParamsError("mask", gettext_noop("There is no image that it could belong to."))
        if (self.image is None) != (self.strength is None):
            raise ParamsError("strength", gettext_noop("It goes with an image, and an image with it."))
        if self.strength is not None:
            _check_strength(self.strength, self.num_inference_steps)

    @property
    def request_type(self) -> RequestType:
        if self.image is None:
            return RequestType.TEXT_TO_IMAGE
        return RequestType.IMAGE_TO_IMAGE if self.mask is None else RequestType.INPAINTING

    @property
    def steps(self) -> int:
        """The steps that are done: all of them, or the share that `strength` leaves (as diffusers rounds it)."""
        if self.strength is None:
            return self.num_inference_steps
        return min(int(self.num_inference_steps * self.strength), self.num_inference_steps)

    @property
    def guided(self) -> bool:
        """Whether classifier-free guidance is on, which doubles the rows of every step."""
        return self.guidance_scale > NO_GUIDANCE

    def seeds(self) -> list[int]:
        return [self.seed + index for index in range(self.num_images)]

    def cost(self, native_width: int, native_height: int) -> int:
        """Credits: one is one image of the model's native size at up to `STEPS_PER_CREDIT` steps."""
        work = self.width * self.height * self.steps
        credit = native_width * native_height * STEPS_PER_CREDIT
        return self.num_images * max(1, -(-work // credit))


def _check_length(field: str, text: str, minimum: int) -> None:
    if not minimum <= len(text) <= PROMPT_MAX_LENGTH:
        told = gettext_noop("Must have {minimum} to {maximum} characters.")
        raise ParamsError(field, told, minimum=minimum, maximum=PROMPT_MAX_LENGTH)


def _check_range(field: str, value: float, minimum: float, maximum: float) -> None:
    if not math.isfinite(value) or not minimum <= value <= maximum:
        told = gettext_noop("Must be from {minimum} to {maximum}.")
        raise ParamsError(field, told, minimum=minimum, maximum=maximum)


def _check_multiple(field: str, value: int) -> None:
    if value % SIDE_MULTIPLE:
        raise ParamsError(field, gettext_noop("Must be a multiple of {factor}."), factor=SIDE_MULTIPLE)


def _check_seeds(seed: int, num_images: int) -> None:
    _check_range("seed", seed, 0, SEED_MAX)
    if seed + num_images - 1 > SEED_MAX:
        told = gettext_noop("Must leave room for {count} images: image i uses seed + i.")
        raise ParamsError("seed", told, count=num_images)


def _check_pixels(field: str, pixels: bytes | None, count: int) -> None:
    if pixels is not None and len(pixels) != count:
        told = gettext_noop("Must hold {count} bytes for this width and height.")
        raise ParamsError(field, told, count=count)


def _check_strength(strength: float, steps: int) -> None:
    if not 0.0 < strength <= STRENGTH_MAX:
        told = gettext_noop("Must be more than 0 and at most {maximum}.")
        raise ParamsError("strength", told, maximum=f"{STRENGTH_MAX:g}")
    if int(steps * strength) < 1:
        told = gettext_noop("Leaves none of the {steps} steps. Must be at least {minimum}.")
        raise ParamsError("strength", told, steps=steps, minimum=f"{1 / steps:.3g}")
