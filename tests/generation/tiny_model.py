"""Builds random-weight models in the true architectures, small enough to draw in milliseconds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderTiny,
    DDIMScheduler,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)

from tests.generation.tiny_parts import text_encoder, tokenizer, unet, vae

# What the published models' scheduler_config.json say.
SD_BETAS = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
SD = SD_BETAS | {"set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1, "clip_sample": False}
SD_2 = SD | {"prediction_type": "v_prediction"}
SDXL = SD | {"timestep_spacing": "leading", "interpolation_type": "linear", "use_karras_sigmas": False}
LCM = SD_BETAS | {"original_inference_steps": 50, "timestep_scaling": 10.0, "clip_sample": False}
TURBO = SD | {"timestep_spacing": "trailing", "interpolation_type": "linear", "use_karras_sigmas": False}

LINEAR = {"use_linear_projection": True, "attention_head_dim": (1, 2)}
INPAINTING = {"in_channels": 9}


def build(folder: Path, kind: str = "tiny") -> None:
    """Save the pipeline of a kind in `folder`: `tiny`, which has a `service.json`, or another of `KINDS`."""
    torch.manual_seed(0)
    vocabulary = folder.parent / f"{folder.name}-vocabulary"
    KINDS[kind](vocabulary).save_pretrained(folder)
    if kind == "tiny":
        service = {"name": "tiny", "native_width": 64, "native_height": 64, "num_inference_steps": 2}
        (folder / "service.json").write_text(json.dumps(service))


def build_tiny_decoder(folder: Path, latent_channels: int = 4) -> None:
    """Save an `AutoencoderTiny` in `folder`."""
    torch.manual_seed(0)
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(1,) * 4,
        num_decoder_blocks=(1,) * 4,
        latent_channels=latent_channels,
    ).save_pretrained(folder)


def _tiny(vocabulary: Path) -> DiffusionPipeline:
    """Set up as the shipped model is: v-prediction with zero terminal SNR, timesteps that scale and shift."""
    scheduler = DDIMScheduler(
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        clip_sample=False,
        **SD_BETAS,
    )
    blocks = {
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": 8,
        "resnet_time_scale_shift": "scale_shift",
    }
    return _stable_diffusion(vocabulary, scheduler, unet_changes=blocks)


def _sd15(vocabulary: Path) -> DiffusionPipeline:
    return _stable_diffusion(vocabulary, PNDMScheduler.from_config(SD))


def _sd21(vocabulary: Path) -> DiffusionPipeline:
    """Its text encoder is OpenCLIP's without the last layer."""
    return _stable_diffusion(
        vocabulary, DDIMScheduler.from_config(SD_2), unet_changes=LINEAR, text_changes={"hidden_act": "gelu"}
    )


def _turbo(vocabulary: Path) -> DiffusionPipeline:
    scheduler = EulerDiscreteScheduler.from_config(TURBO)
    return _stable_diffusion(vocabulary, scheduler, unet_changes=LINEAR, text_changes={"hidden_act": "gelu"})


def _inpaint9(vocabulary: Path) -> DiffusionPipeline:
    scheduler = PNDMScheduler.from_config(SD)
    return _stable_diffusion(vocabulary, scheduler, StableDiffusionInpaintPipeline, unet_changes=INPAINTING)


def _lcm(vocabulary: Path) -> DiffusionPipeline:
    """A guided LCM, which is told the guidance scale."""
    scheduler = LCMScheduler.from_config(LCM)
    guidance = {"time_cond_proj_dim": 32}
    return _stable_diffusion(vocabulary, scheduler, LatentConsistencyModelPipeline, unet_changes=guidance)


def _sdxl(vocabulary: Path) -> DiffusionPipeline:
    return _stable_diffusion_xl(vocabulary, StableDiffusionXLPipeline)


def _sdxl_inpaint9(vocabulary: Path) -> DiffusionPipeline:
    return _stable_diffusion_xl(vocabulary, StableDiffusionXLInpaintPipeline, **INPAINTING)


KINDS: dict[str, Callable[[Path], DiffusionPipeline]] = {
    "tiny": _tiny,
    "sd15": _sd15,
    "sd21": _sd21,
    "sdxl": _sdxl,
    "inpaint9": _inpaint9,
    "lcm": _lcm,
    "sdxl_inpaint9": _sdxl_inpaint9,
    "turbo": _turbo,
}


def _stable_diffusion(
    vocabulary: Path,
    scheduler: Any,
    pipeline: Any = StableDiffusionPipeline,
    *,
    unet_changes: dict[str, Any] | None = None,
    text_changes: dict[str, Any] | None = None,
) -> DiffusionPipeline:
    words = tokenizer(vocabulary)
    return pipeline(
        tokenizer=words,
        text_encoder=text_encoder(words, **text_changes or {}),
        unet=unet(**unet_changes or {}),
        vae=vae(),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _stable_diffusion_xl(vocabulary: Path, pipeline: Any, **changes: Any) -> DiffusionPipeline:
    words = tokenizer(vocabulary)
    return pipeline(
        tokenizer=words,
        tokenizer_2=words,
        text_encoder=text_encoder(words),
        text_encoder_2=text_encoder(words, projected=True, hidden_act="gelu"),
        unet=unet(
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2),
            cross_attention_dim=32,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 16,
            **LINEAR,
            **changes,
        ),
        vae=vae(scaling_factor=0.13025),
        scheduler=EulerDiscreteScheduler.from_config(SDXL),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
