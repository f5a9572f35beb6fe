"""The kinds of model. A new one is one more class here, and its pipelines' names in `sources.PIPELINES`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image

from generation.engine.errors import ContentBlocked
from generation.engine.family import Family, Row
from generation.params import GenerationParams

__all__ = ["FAMILIES", "Family", "Row", "StableDiffusion", "StableDiffusionXL"]


class StableDiffusion(Family):
    """Stable Diffusion 1.x and 2.x, their LCM and Turbo kinds, and the model that ships."""

    name = "stable-diffusion"
    added_embeddings = (None, "text")

    @torch.inference_mode()
    def check_safety(self, picture: np.ndarray[Any, Any]) -> None:
        checker, extractor = self.pipeline.safety_checker, self.pipeline.feature_extractor
        if checker is None:
            return
        seen = extractor(Image.fromarray(picture), return_tensors="pt").pixel_values
        _, blocked = checker(images=picture[None].copy(), clip_input=seen.to(self.device, checker.dtype))
        if any(blocked):
            raise ContentBlocked("The model's safety checker refused a picture.")

    def _read(self, texts: list[str]) -> Row:
        states, _ = self.pipeline.encode_prompt(texts, self.device, 1, do_classifier_free_guidance=False)
        return {"encoder_hidden_states": states}


class StableDiffusionXL(Family):
    """Stable Diffusion XL base and its few-step kinds."""

    name = "stable-diffusion-xl"
    added_embeddings = ("text_time",)
    row_names = ("encoder_hidden_states", "text_embeds", "time_ids")

    def __init__(self, pipeline: Any, tiny_decoder: Any = None, *, tiny_pictures: bool = False) -> None:
        vae = pipeline.vae
        if vae.dtype == torch.float16 and vae.config.get("force_upcast"):
            # It overflows in float16; the stock pipeline converts it for every picture.
            vae.to(torch.float32)
        super().__init__(pipeline, tiny_decoder, tiny_pictures=tiny_pictures)

    def compile(self) -> None:
        """Its UNet is long, and most of it the same block again and again."""
        self.pipeline.unet.compile_repeated_blocks(dynamic=False)

    def _read(self, texts: list[str]) -> Row:
        states, _, pooled, _ = self.pipeline.encode_prompt(
            texts, device=self.device, do_classifier_free_guidance=False
        )
        return {"encoder_hidden_states": states, "text_embeds": pooled}

    def _negative(self, params: GenerationParams, readings: Mapping[str, Row]) -> Row:
        """For the stock pipeline, no negative prompt is not the same as an empty one."""
        row = super()._negative(params, readings)
        if params.negative_prompt or not self.pipeline.config.force_zeros_for_empty_prompt:
            return row
        return {name: torch.zeros_like(tensor) for name, tensor in row.items()}

    def _conditions(self, params: GenerationParams) -> Row:
        """The picture's size, as if it had been photographed so and not been cropped."""
        size = (params.height, params.width)
        time_ids = torch.tensor([*size, 0, 0, *size], device=self.device, dtype=self.dtype)
        return {"time_ids": time_ids} | super()._conditions(params)


FAMILIES: dict[str, type[Family]] = {family.name: family for family in (StableDiffusion, StableDiffusionXL)}
