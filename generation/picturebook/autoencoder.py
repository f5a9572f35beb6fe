"""The autoencoder: 128x128 pictures to 16x16 latents of 8 channels, and back."""

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from generation.picturebook.album import LATENT, Album
from generation.picturebook.course import Course, cheaply
from generation.picturebook.latents import CELL, CHANNELS, Cells
from generation.picturebook.world import SIZE

BATCH = 8
# How much more an error counts where the thing is.
THING_WEIGHT = 3.0
# Small enough not to blur the pictures, large enough that the decoder forgives an imprecise latent.
KL_WEIGHT = 2e-4


def build_autoencoder(scaling_factor: float) -> AutoencoderKL:
    model = AutoencoderKL(
        sample_size=SIZE,
        latent_channels=CHANNELS,
        block_out_channels=(16, 32, 64, 128),
        layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=8,
        mid_block_add_attention=False,
        scaling_factor=scaling_factor,
    )
    # Nearly no noise at first: behind unit noise the decoder would learn to ignore its input, and stay there.
    with torch.no_grad():
        model.quant_conv.bias[CHANNELS:] = -6.0
    return model


def _edges(pictures: torch.Tensor) -> torch.Tensor:
    """Differences of neighbouring pixels, to the right and downwards, side by side."""
    right, down = pictures.diff(dim=3)[:, :, :-1], pictures.diff(dim=2)[:, :, :, :-1]
    return torch.cat([right, down], dim=1)


def train_autoencoder(model: AutoencoderKL, album: Album, cells: Cells, course: Course) -> None:
    """Learn to encode as `cells` does, and to give such latents back as pictures: L1 on pixels and edges.

    One half of each batch is decoded from the encoder's latents, the other from the exact ones.
    """
    model.to(memory_format=torch.channels_last)

    def loss_of(step: int, generator: torch.Generator) -> torch.Tensor:
        chosen = torch.randint(len(album.scenes), (BATCH,), generator=generator)
        pictures, weight = album.batch(chosen), 1 + THING_WEIGHT * album.masks[chosen]
        weight = functional.interpolate(weight / weight.mean(), scale_factor=CELL)
        noise = torch.randn((BATCH, CHANNELS, LATENT, LATENT), generator=generator)
        with cheaply():
            posterior = model.encode(pictures).latent_dist
            exact = cells(pictures)
            latents = torch.cat([posterior.mean[: BATCH // 2], exact[BATCH // 2 :]])
            decoded = model.decode(latents + posterior.std * noise).sample
        mean, log_variance = posterior.mean.float(), posterior.logvar.float()
        distance = (weight * (decoded.float() - pictures).abs()).mean()
        edges = functional.l1_loss(_edges(decoded.float()), _edges(pictures))
        pull = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        held = functional.mse_loss(mean, exact)
        return distance + edges + held + KL_WEIGHT * pull

    course.run(model, loss_of)
