"""Writes the tiny model as one file, with the names of the original Stable Diffusion code."""

import re
from collections.abc import Iterable
from pathlib import Path

from diffusers import StableDiffusionPipeline
from diffusers.loaders.single_file_utils import DIFFUSERS_TO_LDM_MAPPING
from safetensors.torch import save_file
from torch import Tensor

UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
UNET_MIDDLE = {
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
VAE_LEVELS = 4


def write(folder: Path, file: Path) -> None:
    """The weights of the pipeline in `folder`, which has one layer per block."""
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    weights: dict[str, Tensor] = {}
    for prefix, module, rename in (
        ("model.diffusion_model.", pipeline.unet, unet_name),
        ("first_stage_model.", pipeline.vae, vae_name),
        ("cond_stage_model.transformer.text_model.", pipeline.text_encoder, clip_name),
    ):
        weights |= {prefix + rename(name): tensor for name, tensor in module.state_dict().items()}
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, file)


def unet_name(name: str) -> str:
    stem = DIFFUSERS_TO_LDM_MAPPING["unet"]["layers"]
    if name in stem:
        return stem[name]
    if ".resnets." in name:
        name = replace(name, UNET_RESNET.items())
    name = replace(name, UNET_MIDDLE.items())
    return re.sub(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)(\.conv\.)?", unet_layer, name)


def unet_layer(match: re.Match[str]) -> str:
    """Blocks are counted through; each has two layers, and the sampler goes with the second."""
    way, block, kind, number, conv = match.groups(default="")
    blocks, first = ("input_blocks", 1) if way == "down" else ("output_blocks", 0)
    if kind == "downsamplers":
        return f"{blocks}.{first + 2 * int(block) + 1}.0.op."
    if kind == "upsamplers":
        return f"{blocks}.{first + 2 * int(block) + 1}.2.conv."
    return f"{blocks}.{first + 2 * int(block) + int(number)}.{0 if kind == 'resnets' else 1}{conv}"


def vae_name(name: str) -> str:
    if name in DIFFUSERS_TO_LDM_MAPPING["vae"]:
        return DIFFUSERS_TO_LDM_MAPPING["vae"][name]
    if ".attentions." in name:
        name = replace(name, VAE_ATTENTION.items()).replace("mid_block.attentions.0", "mid.attn_1")
    name = name.replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{VAE_LEVELS - 1 - int(m[1])}", name)
    name = re.sub(r"down_blocks\.(\d)", r"down.\1", name)
    return replace(
        name,
        [("resnets", "block"), ("downsamplers.0", "downsample"), ("upsamplers.0", "upsample")],
    )


def clip_name(name: str) -> str:
    return name.removeprefix("text_model.")


def replace(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        name = name.replace(old, new)
    return name
