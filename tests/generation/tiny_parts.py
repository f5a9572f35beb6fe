"""The parts of the tiny models: the true classes, with few and narrow layers."""

import json
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

SPECIAL = ("<|startoftext|>", "<|endoftext|>")


def tokenizer(folder: Path) -> CLIPTokenizer:
    """A vocabulary of single letters, so that every word is spelled out."""
    letters = [chr(code) for code in range(33, 127)]
    tokens = letters + [f"{letter}</w>" for letter in letters] + list(SPECIAL)
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(folder, model_max_length=77)


def text_encoder(words: CLIPTokenizer, *, projected: bool = False, **changes: Any) -> CLIPTextModel:
    """Reads to states of 16 numbers, and, `projected`, the whole text to 16 more."""
    config = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=16,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        **changes,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def unet(**changes: Any) -> UNet2DConditionModel:
    """For latents of 8 x 8. Without changes it is built as that of Stable Diffusion 1.5."""
    values: dict[str, Any] = {
        "sample_size": 8,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": 16,
        "attention_head_dim": 2,
        "norm_num_groups": 4,
    }
    return UNet2DConditionModel(**values | changes)


def vae(**changes: Any) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=64,
        **changes,
    )
