"""Draws one request at a time with the stock diffusers pipeline."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from PIL.Image import Image

from generation.engine.config import EngineConfig
from generation.engine.errors import ContentBlocked, InvalidOutput, OutOfMemory
from generation.engine.loading import load_model
from generation.engine.schedulers import make_scheduler, try_out
from generation.params import GenerationParams

OnStep = Callable[[int, int], None]


class PipelineExecutor:
    """Holds the pipeline. `draw` is for the engine's thread alone."""

    def __init__(self, config: EngineConfig) -> None:
        model = load_model(config)
        self._pipeline = model.pipeline
        self.facts = model.facts
        self._scheduler_config = self._pipeline.scheduler.config
        self._try_out = cache(partial(try_out, config=self._scheduler_config))

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` where the scheduler cannot do this model's steps.

        Safe from any thread: it works on a scheduler of its own and one number, never on the pipeline.
        """
        self._try_out(params.scheduler, num_inference_steps=params.num_inference_steps)

    def draw(self, params: GenerationParams, on_step: OnStep) -> list[Image]:
        """The pictures that the stock pipeline gives for these parameters, in the order of their seeds.

        Raises `OutOfMemory`, `InvalidOutput`, `ContentBlocked`, and whatever `on_step` raises.
        """
        self._pipeline.scheduler = make_scheduler(params.scheduler, self._scheduler_config)
        try:
            with torch.inference_mode():
                output = self._call(params, on_step)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise OutOfMemory("The request does not fit into the device's memory.") from error
        if any(output.nsfw_content_detected or []):
            raise ContentBlocked("The model's safety checker refused a picture.")
        check_pixels(output.images)
        return self._pipeline.image_processor.numpy_to_pil(output.images)

    def _call(self, params: GenerationParams, on_step: OnStep) -> Any:
        return self._pipeline(
            prompt=params.prompt,
            negative_prompt=params.negative_prompt,
            width=params.width,
            height=params.height,
            num_inference_steps=params.num_inference_steps,
            guidance_scale=params.guidance_scale,
            num_images_per_prompt=params.num_images,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in params.seeds()],
            output_type="np",
            callback_on_step_end=partial(_report, on_step),
        )


def check_pixels(images: np.ndarray) -> None:
    """Raise `InvalidOutput` for images `[N, H, W, 3]` of which one is not finite or a single colour.

    float16 overflow in the decoder shows as NaN, which would be cast to a silent black picture.
    """
    if not np.isfinite(images).all():
        raise InvalidOutput("The model gave values that are not finite.")
    if (np.ptp(images, axis=(1, 2)) == 0).all(axis=1).any():
        raise InvalidOutput("The model gave a picture of a single colour.")


def _report(
    on_step: OnStep, pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]
) -> dict[str, Any]:
    on_step(step + 1, pipeline.num_timesteps)
    return tensors
