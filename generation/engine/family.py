"""What every kind of model can do: read prompts, denoise, and turn pictures into latents and back."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from generation.engine.denoiser import Denoiser
from generation.engine.errors import ModelRefused
from generation.engine.previews import LinearPreview, TinyPreview, foresee, signal_share
from generation.params import SIDE_MULTIPLE, GenerationParams, RequestType

# What one row of the denoiser is told beside sample and timestep, without batch dimension.
Row = dict[str, torch.Tensor]

# Prompts are always read this many at a time, so that the bits of one do not depend on how many came with it. On a
# GPU one costs as much as four; on a CPU what fills up a batch would cost as much as a prompt.
TEXT_BATCH = {"cpu": 1, "cuda": 4}


class Family:
    """A loaded pipeline, taken apart into what the engine calls one by one. For the engine's thread alone.

    `row_names` are the keys of this model's rows, which are keyword arguments of `denoiser`.
    """

    name: ClassVar[str]
    # What the UNet's config may say under `addition_embed_type`.
    added_embeddings: ClassVar[tuple[str | None, ...]]
    row_names: tuple[str, ...] = ("encoder_hidden_states",)

    def __init__(self, pipeline: Any, tiny_decoder: Any = None, *, tiny_pictures: bool = False) -> None:
        """Take over a pipeline that is on its device, and a tiny decoder for previews or all pictures.

        Raises `ModelRefused` where the parts do not fit together.
        """
        unet, vae = pipeline.unet, pipeline.vae
        self.pipeline = pipeline
        self.denoiser = Denoiser(unet)
        self.device: torch.device = unet.device
        self.dtype: torch.dtype = unet.dtype
        self.latent_channels: int = vae.config.latent_channels
        self.in_channels: int = unet.config.in_channels
        self.vae_scale_factor: int = pipeline.vae_scale_factor
        self.scheduler_config: Mapping[str, Any] = pipeline.scheduler.config
        self.native_size = _native_size(unet.config.sample_size, self.vae_scale_factor)
        self.guidance_width: int | None = unet.config.time_cond_proj_dim
        if self.guidance_width is not None:
            self.row_names = (*self.row_names, "timestep_cond")
        self._check_parts(tiny_decoder)
        for module in (unet, vae):
            module.eval().requires_grad_(False)
        # The autoencoder gains a fifth from it on a CPU as well, where the UNet is not torch's to run.
        vae.to(memory_format=torch.channels_last)
        if self.device.type == "cuda":
            unet.to(memory_format=torch.channels_last)
        self._decoder = tiny_decoder if tiny_decoder is not None and tiny_pictures else vae
        self._preview = TinyPreview(tiny_decoder) if tiny_decoder is not None else LinearPreview(self.encode)
        self._signal_share = signal_share(self.scheduler_config)

    @property
    def request_types(self) -> tuple[RequestType, ...]:
        """An inpainting UNet, which also sees mask and image, can do nothing else."""
        if self.in_channels == self.latent_channels:
            return tuple(RequestType)
        return (RequestType.INPAINTING,)

    def guided(self, params: GenerationParams) -> bool:
        """Whether a member needs two rows: an LCM is told the guidance instead."""
        return params.guided and self.guidance_width is None

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> list[Row]:
        """What the text encoders make of each text."""
        rows: list[Row] = []
        batch = TEXT_BATCH.get(self.device.type, 1)
        for start in range(0, len(texts), batch):
            chunk = list(texts[start : start + batch])
            read = self._read([*chunk, *[""] * (batch - len(chunk))])
            rows += [{name: tensor[index] for name, tensor in read.items()} for index in range(len(chunk))]
        return rows

    @torch.inference_mode()
    def rows(self, params: GenerationParams, readings: Mapping[str, Row]) -> list[Row]:
        """[positive], or with guidance [negative, positive], of the texts read."""
        rows = [self._positive(params, readings)]
        if self.guided(params):
            rows.insert(0, self._negative(params, readings))
        return [row | self._conditions(params) for row in rows]

    @torch.inference_mode()
    def encode(self, pixels: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """Scaled latents [1, C, h, w], float32 on the device, of pixels [1, 3, H, W], float32 from -1 to 1.

        With a generator (of the CPU) the latents are drawn from the posterior as the stock pipelines do it,
        without one they are its mean.
        """
        vae = self.pipeline.vae
        encoded = vae.encode(pixels.to(self.device, vae.dtype))
        if hasattr(encoded, "latent_dist"):
            latents = encoded.latent_dist.mean.float()
            if generator is not None:
                noise = torch.randn(latents.shape, generator=generator).to(self.device)
                latents = latents + encoded.latent_dist.std.float() * noise
        else:
            latents = encoded.latents.float()
        mean, std = self._latent_statistics()
        return (latents - mean) * vae.config.scaling_factor / std

    @torch.inference_mode()
    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Pixels [1, 3, H, W], float32 around -1 to 1, of scaled latents [1, C, h, w]."""
        decoder = self._decoder
        if decoder is self.pipeline.vae:
            mean, std = self._latent_statistics()
            latents = latents * std / decoder.config.scaling_factor + mean
        return decoder.decode(latents.to(self.device, decoder.dtype), return_dict=False)[0].float()

    def to_bytes(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 [H, W, 3] of pixels [1, 3, H, W], rounded as the stock pipelines round."""
        scaled = (pixels[0] * 0.5 + 0.5).clamp(0, 1) * 255
        return scaled.round().to(torch.uint8).permute(1, 2, 0).contiguous()

    def foresee(self, sample: torch.Tensor, output: torch.Tensor, timestep: float) -> torch.Tensor:
        """The clean latent that an `output` foretells; `sample` is what the UNet was given."""
        share = self._signal_share(timestep)
        return foresee(self.scheduler_config.get("prediction_type", "epsilon"), share, sample, output)

    @torch.inference_mode()
    def preview(self, latents: torch.Tensor) -> torch.Tensor:
        """A small picture, uint8 [h', w', 3], of clean latents [1, C, h, w]."""
        return self.to_bytes(self._preview(latents))

    def check_safety(self, picture: np.ndarray[Any, Any]) -> None:
        """Raise `ContentBlocked` where the model has a safety checker that refuses it: uint8 [H, W, 3]."""

    def compile(self) -> None:
        """Have torch compile the denoiser, for each shape when it is first called with it."""
        self.denoiser.compile(dynamic=False)

    def _read(self, texts: list[str]) -> Row:
        """The rows of the texts, stacked."""
        raise NotImplementedError

    def _positive(self, params: GenerationParams, readings: Mapping[str, Row]) -> Row:
        return readings[params.prompt]

    def _negative(self, params: GenerationParams, readings: Mapping[str, Row]) -> Row:
        return readings[params.negative_prompt]

    def _conditions(self, params: GenerationParams) -> Row:
        """What a row is told of the request beside its text."""
        if self.guidance_width is None:
            return {}
        scale = torch.tensor([params.guidance_scale - 1])
        embedding = self.pipeline.get_guidance_scale_embedding(scale, embedding_dim=self.guidance_width)
        return {"timestep_cond": embedding[0].to(self.device, self.dtype)}

    def _latent_statistics(self) -> tuple[torch.Tensor | float, torch.Tensor | float]:
        """Mean and standard deviation of the latents, for the few autoencoders that tell them."""
        config = self.pipeline.vae.config
        if config.get("latents_mean") is None or config.get("latents_std") is None:
            return 0.0, 1.0
        mean, std = torch.tensor([config.latents_mean, config.latents_std], device=self.device)
        return mean.view(1, -1, 1, 1), std.view(1, -1, 1, 1)

    def _check_parts(self, tiny_decoder: Any) -> None:
        config, channels = self.pipeline.unet.config, self.latent_channels
        if config.out_channels != channels or self.in_channels not in (channels, 2 * channels + 1):
            raise ModelRefused(
                f"The UNet takes {self.in_channels} channels and gives {config.out_channels}. For latents of "
                f"{channels} it should take {channels}, or {2 * channels + 1} for inpainting."
            )
        if config.addition_embed_type not in self.added_embeddings or config.class_embed_type is not None:
            raise ModelRefused(f"The UNet wants more to go by than a {self.name} pipeline has.")
        if SIDE_MULTIPLE % self.vae_scale_factor:
            raise ModelRefused(f"The autoencoder shrinks by {self.vae_scale_factor}, not by {SIDE_MULTIPLE}.")
        if tiny_decoder is not None and tiny_decoder.config.latent_channels != channels:
            raise ModelRefused("The tiny decoder is made for other latents than the model's.")


def _native_size(sample_size: int | Sequence[int], scale: int) -> tuple[int, int]:
    """Width and height in pixels of a UNet's `sample_size`, which is a side or (height, width)."""
    height, width = (sample_size, sample_size) if isinstance(sample_size, int) else sample_size
    return width * scale, height * scale
