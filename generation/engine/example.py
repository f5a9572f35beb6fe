"""Inputs to trace and to time a denoiser with."""

import torch

from generation.engine.families import Family
from generation.params import SIDE_MIN, GenerationParams, SchedulerName


def native_latent(family: Family) -> tuple[int, int]:
    """Height and width of a latent of the model's native size."""
    width, height = family.native_size
    return height // family.vae_scale_factor, width // family.vae_scale_factor


def example(family: Family, rows: int) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """A sample [R, C', h, w] of the native size, timesteps [R], and what the rows need beside: [R, …] each."""
    params = GenerationParams(
        prompt="x",
        width=SIDE_MIN,
        height=SIDE_MIN,
        num_inference_steps=1,
        guidance_scale=1.0,
        scheduler=SchedulerName.DDIM,
        seed=0,
    )
    row = family.rows(params, dict(zip(["x", ""], family.read(["x", ""]), strict=True)))[-1]
    sample = torch.randn(rows, family.in_channels, *native_latent(family)).to(family.device)
    timesteps = torch.full((rows,), 500.0, device=family.device)
    return sample, timesteps, {name: torch.stack([tensor] * rows) for name, tensor in row.items()}
