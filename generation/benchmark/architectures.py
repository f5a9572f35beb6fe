"""Published architectures with random weights, built on the device without files."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

TOKENS = 77
VOCABULARY = 49408
START, END = "<|startoftext|>", "<|endoftext|>"

# What a scheduler does not know itself, it hands on to the one that a request asks for.
SD15_SCHEDULER = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "skip_prk_steps": True,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "clip_sample": False,
}
SDXL_SCHEDULER = SD15_SCHEDULER | {"timestep_spacing": "leading"}


class Architecture(StrEnum):
    SD15 = "sd15"
    SDXL = "sdxl"


def build_random(
    architecture: Architecture, device: torch.device | str, dtype: torch.dtype
) -> StableDiffusionPipeline | StableDiffusionXLPipeline:
    """A pipeline of the published configuration whose weights are drawn on `device`."""
    torch.manual_seed(0)
    with torch.device(device):
        pipeline = BUILDERS[architecture]()
    return pipeline.to(dtype=dtype)


class LocalTokenizer(CLIPTokenizer):
    """Spells every word in letters, so needs no file; CLIP's special tokens are at their own places."""

    def __init__(self, **options: Any) -> None:
        letters = [chr(code) for code in range(33, 127)]
        pieces = letters + [f"{letter}</w>" for letter in letters]
        vocabulary = {piece: number for number, piece in enumerate(pieces)}
        special = {START: VOCABULARY - 2, END: VOCABULARY - 1}
        super().__init__(
            vocab=vocabulary | special,
            merges=[],
            bos_token=START,
            eos_token=END,
            unk_token=END,
            pad_token=END,
            model_max_length=TOKENS,
            **options,
        )


def _sd15() -> StableDiffusionPipeline:
    """runwayml/stable-diffusion-v1-5."""
    return StableDiffusionPipeline(
        tokenizer=LocalTokenizer(),
        text_encoder=CLIPTextModel(_clip_l()),
        unet=UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8),
        vae=_autoencoder(sample_size=512, scaling_factor=0.18215),
        scheduler=_scheduler(PNDMScheduler, SD15_SCHEDULER),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl() -> StableDiffusionXLPipeline:
    """stabilityai/stable-diffusion-xl-base-1.0."""
    return StableDiffusionXLPipeline(
        tokenizer=LocalTokenizer(),
        tokenizer_2=LocalTokenizer(),
        text_encoder=CLIPTextModel(_clip_l(projection_dim=768)),
        text_encoder_2=CLIPTextModelWithProjection(_open_clip_g()),
        unet=UNet2DConditionModel(
            sample_size=128,
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        ),
        vae=_autoencoder(sample_size=1024, scaling_factor=0.13025, force_upcast=True),
        scheduler=_scheduler(EulerDiscreteScheduler, SDXL_SCHEDULER),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


BUILDERS: dict[Architecture, Callable[[], StableDiffusionPipeline | StableDiffusionXLPipeline]] = {
    Architecture.SD15: _sd15,
    Architecture.SDXL: _sdxl,
}


def _scheduler(kind: Any, config: dict[str, Any]) -> Any:
    """Schedulers reckon on the CPU, wherever the model is."""
    with torch.device("cpu"):
        return kind.from_config(config)


def _clip_l(**changes: Any) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=VOCABULARY,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        max_position_embeddings=TOKENS,
        bos_token_id=VOCABULARY - 2,
        eos_token_id=VOCABULARY - 1,
        pad_token_id=VOCABULARY - 1,
        **changes,
    )


def _open_clip_g() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=VOCABULARY,
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=32,
        num_attention_heads=20,
        max_position_embeddings=TOKENS,
        hidden_act="gelu",
        projection_dim=1280,
        bos_token_id=VOCABULARY - 2,
        eos_token_id=VOCABULARY - 1,
        pad_token_id=VOCABULARY - 1,
    )


def _autoencoder(**changes: Any) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        **changes,
    )
