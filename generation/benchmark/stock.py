"""The stock diffusers pipelines, called as a script would call them. No part of the engine draws here."""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from functools import partial
from typing import Any

import numpy as np
import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting
from PIL import Image

from generation.benchmark.models import load_or_build
from generation.engine.config import EngineConfig
from generation.engine.errors import ContentBlocked, InvalidOutput, OutOfMemory
from generation.engine.schedulers import make_scheduler
from generation.engine.solver import make_plan
from generation.params import GenerationParams, ParamsError, RequestType

# By this the stock inpainting pipeline tells a UNet that has only the latents for its input.
PLAIN_CHANNELS = 4

Pixels = np.ndarray[Any, Any]
OnStep = Callable[[int, int], None]


def alike(params: GenerationParams) -> Hashable:
    """What requests must have in common to share a pipeline call, which takes all else in lists."""
    return (
        params.request_type,
        params.width,
        params.height,
        params.num_inference_steps,
        params.strength,
        params.guidance_scale,
        params.scheduler,
        # SDXL reads no negative prompt otherwise than an empty one.
        bool(params.negative_prompt),
    )


class StockPipeline:
    """A pipeline for each kind of request, all with the same weights. For one thread, but for `check`."""

    def __init__(self, config: EngineConfig) -> None:
        model = load_or_build(config)
        self.facts, self.family = model.facts, model.family
        self._text_to_image = self.family.pipeline
        self._scheduler_config = self._text_to_image.scheduler.config
        self._pipelines: dict[RequestType, Any] = {}

    def replace_forward(self, forward: Callable[..., tuple[torch.Tensor]]) -> None:
        """Let `forward` do what the UNet's own did. The UNet itself is left as it is."""
        unet = copy(self._text_to_image.unet)
        unet.forward = forward
        self._text_to_image.unet = unet
        self._pipelines.clear()

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for what this model cannot draw. Safe from any thread."""
        if params.request_type not in self.facts.request_types:
            raise ParamsError("request_type", "The model {model} cannot do this.", model=self.facts.name)
        make_plan(params.scheduler, self._scheduler_config, params.num_inference_steps, params.strength)

    def draw(self, requests: Sequence[GenerationParams], on_step: OnStep) -> list[list[Pixels]]:
        """For each of several `alike` requests its pictures, uint8 [H, W, 3], in the order of their seeds.

        Raises `OutOfMemory`, `InvalidOutput`, `ContentBlocked`, and whatever `on_step` raises.
        """
        pipeline = self._pipeline(requests[0].request_type)
        pipeline.scheduler = make_scheduler(requests[0].scheduler, self._scheduler_config)
        try:
            with torch.inference_mode():
                output = pipeline(
                    **_arguments(requests), output_type="np", callback_on_step_end=partial(_report, on_step)
                )
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise OutOfMemory("The request does not fit into the device's memory.") from error
        if any(getattr(output, "nsfw_content_detected", None) or []):
            raise ContentBlocked("The model's safety checker refused a picture.")
        check_pixels(output.images)
        pictures = iter((output.images * 255).round().astype(np.uint8))
        return [[next(pictures) for _ in params.seeds()] for params in requests]

    def _pipeline(self, kind: RequestType) -> Any:
        if kind not in self._pipelines:
            self._pipelines[kind] = self._open(kind)
        return self._pipelines[kind]

    def _open(self, kind: RequestType) -> Any:
        match kind:
            case RequestType.TEXT_TO_IMAGE:
                return self._text_to_image
            case RequestType.IMAGE_TO_IMAGE:
                pipeline = AutoPipelineForImage2Image.from_pipe(self._text_to_image)
            case RequestType.INPAINTING:
                pipeline = AutoPipelineForInpainting.from_pipe(self._text_to_image)
                pipeline.unet = _of_four_channels(pipeline.unet, self.family.latent_channels)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


def _of_four_channels(unet: Any, latent_channels: int) -> Any:
    """A UNet that sees no mask, as the inpainting pipeline knows it: by the number 4, whatever the latents have."""
    if unet.config.in_channels != latent_channels or latent_channels == PLAIN_CHANNELS:
        return unet
    unet = copy(unet)
    unet.register_to_config(in_channels=PLAIN_CHANNELS)
    return unet


def check_pixels(images: np.ndarray) -> None:
    """Raise `InvalidOutput` for images `[N, H, W, 3]` of which one is not finite or a single colour.

    float16 overflow in the decoder shows as NaN, which would be cast to a silent black picture.
    """
    if not np.isfinite(images).all():
        raise InvalidOutput("The model gave values that are not finite.")
    if (np.ptp(images, axis=(1, 2)) == 0).all(axis=1).any():
        raise InvalidOutput("The model gave a picture of a single colour.")


def _arguments(requests: Sequence[GenerationParams]) -> dict[str, Any]:
    """What a pipeline is called with to draw all pictures of these requests."""
    first = requests[0]
    pictures = [(params, seed) for params in requests for seed in params.seeds()]
    negative = [params.negative_prompt for params, _ in pictures]
    arguments: dict[str, Any] = {
        "prompt": [params.prompt for params, _ in pictures],
        "negative_prompt": negative if first.negative_prompt else None,
        "num_inference_steps": first.num_inference_steps,
        "guidance_scale": first.guidance_scale,
        "generator": [torch.Generator("cpu").manual_seed(seed) for _, seed in pictures],
    }
    if first.image is not None:
        arguments["image"] = [_picture("RGB", params, params.image) for params, _ in pictures]
        arguments["strength"] = first.strength
    if first.mask is not None:
        arguments["mask_image"] = [_picture("L", params, params.mask) for params, _ in pictures]
    if first.request_type is not RequestType.IMAGE_TO_IMAGE:
        arguments |= {"width": first.width, "height": first.height}
    return arguments


def _picture(mode: str, params: GenerationParams, pixels: bytes | None) -> Image.Image:
    assert pixels is not None
    return Image.frombytes(mode, (params.width, params.height), pixels)


def _report(
    on_step: OnStep, pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]
) -> dict[str, Any]:
    on_step(step + 1, pipeline.num_timesteps)
    return tensors
