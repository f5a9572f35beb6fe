"""The painter: a UNet that turns noise into latents of the wished scene.

The wish reaches it twice: by cross-attention at the lowest level, as in any Stable Diffusion, and pooled into
the time embedding, which scales and shifts every block. The second way teaches colours quickly on a CPU.
"""

import random

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from transformers import CLIPTextModel, CLIPTokenizer

from generation.picturebook.album import LATENT, Album
from generation.picturebook.captions import leave_out, word_caption
from generation.picturebook.course import Course, cheaply
from generation.picturebook.latents import CHANNELS
from generation.picturebook.reader import WIDTH, tokenize

BATCH = 48
UNCAPTIONED = 0.1
# How much more an error counts where the thing is: its colour is little of the picture and most of the wish.
THING_WEIGHT = 2.0


def build_painter() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=LATENT,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=(64, 128, 192),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        encoder_hid_dim=WIDTH,
    )


def build_scheduler() -> DDIMScheduler:
    """Velocity prediction that starts from pure noise (Lin et al. 2024, arXiv 2305.08891)."""
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        clip_sample=False,
        set_alpha_to_one=True,
    )


@torch.inference_mode()
def read_captions(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, album: Album, seed: int) -> torch.Tensor:
    """A caption of each picture, last the empty one, as the encoder reads them: bfloat16 (N + 1, 48, 128)."""
    rng = random.Random(seed)
    captions = [word_caption(leave_out(scene, rng), rng) for scene in album.scenes]
    tokens = tokenize(tokenizer, [*captions, ""])
    return torch.cat([encoder(part).last_hidden_state.bfloat16() for part in tokens.split(128)])


def draw_timesteps(count: int, generator: torch.Generator) -> torch.Tensor:
    """Timesteps 0..999, more from the noisy middle, where the content is decided (arXiv 2403.03206)."""
    middle = torch.sigmoid(torch.randn(count, generator=generator) + 0.3)
    anywhere = torch.rand(count, generator=generator)
    often = torch.rand(count, generator=generator) < 0.8
    return (torch.where(often, middle, anywhere) * 1000).long().clamp(0, 999)


def train_painter(
    painter: UNet2DConditionModel, album: Album, latents: torch.Tensor, readings: torch.Tensor, course: Course
) -> None:
    """Learn to predict the velocity; `latents` (N, 8, 16, 16) of the album, `readings` (N + 1, 48, 128)."""
    scheduler = build_scheduler()
    painter.to(memory_format=torch.channels_last)

    def loss_of(step: int, generator: torch.Generator) -> torch.Tensor:
        chosen = torch.randint(len(latents), (BATCH,), generator=generator)
        clean, weight = latents[chosen], 1 + THING_WEIGHT * album.masks[chosen]
        silent = torch.rand(BATCH, generator=generator) < UNCAPTIONED
        wish = readings[torch.where(silent, len(latents), chosen)].float()
        noise = torch.randn(clean.shape, generator=generator)
        timesteps = draw_timesteps(BATCH, generator)
        noisy = scheduler.add_noise(clean, noise, timesteps)
        target = scheduler.get_velocity(clean, noise, timesteps)
        with cheaply():
            predicted = painter(noisy, timesteps, wish).sample
        return ((predicted.float() - target).square() * weight).sum() / (weight.sum() * clean.shape[1])

    course.run(painter, loss_of)
