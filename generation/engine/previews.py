"""Small pictures of latents that are still on their way."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from diffusers.schedulers import DDPMScheduler
from torch.nn import functional

# The longer side of a preview that the tiny decoder draws.
TINY_SIDE = 256

# The pictures that the linear map is fitted to: colours in patches of several sizes.
LESSON_SIDE = 128
LESSON_PATCHES = (2, 4, 8, 16)
LESSON_SEED = 0

Encode = Callable[[torch.Tensor], torch.Tensor]


class LinearPreview:
    """A linear map from a latent to the mean colour of the pixels it stands for, made at first use.

    It is fitted by least squares to pictures of coloured patches that the model's own autoencoder encodes.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._map: torch.Tensor | None = None

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        """Pixels [1, 3, h, w] from -1 to 1 of clean latents [1, C, h, w]."""
        if self._map is None:
            self._map = self._fit().to(latents.device)
        return (_with_one(latents) @ self._map).permute(0, 3, 1, 2)

    def _fit(self) -> torch.Tensor:
        """[C + 1, 3]; the last row is the constant."""
        pictures = [_patches(count) for count in LESSON_PATCHES]
        latents = torch.cat([self._encode(picture).cpu() for picture in pictures])
        colours = functional.adaptive_avg_pool2d(torch.cat(pictures), (latents.shape[-2], latents.shape[-1]))
        known = _with_one(latents).flatten(0, 2)
        # The driver that bears channels which never vary.
        return torch.linalg.lstsq(known, colours.permute(0, 2, 3, 1).flatten(0, 2), driver="gelsd").solution


class TinyPreview:
    """An `AutoencoderTiny`, which decodes scaled latents as they are."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        """Pixels [1, 3, H', W'], at most `TINY_SIDE` long, of clean latents [1, C, h, w]."""
        pixels = self._decoder.decode(latents.to(self._decoder.dtype), return_dict=False)[0].float()
        return functional.avg_pool2d(pixels, max(1, max(pixels.shape) // TINY_SIDE))


def signal_share(scheduler_config: Mapping[str, Any]) -> Callable[[float], float]:
    """A function from a timestep to the share of the signal's variance in a latent (alpha bar)."""
    names = (
        "num_train_timesteps",
        "beta_start",
        "beta_end",
        "beta_schedule",
        "trained_betas",
        "rescale_betas_zero_snr",
    )
    betas = {name: scheduler_config[name] for name in names if name in scheduler_config}
    return partial(_share_at, DDPMScheduler(**betas).alphas_cumprod.tolist())


def _share_at(shares: list[float], timestep: float) -> float:
    return shares[min(max(round(timestep), 0), len(shares) - 1)]


def foresee(prediction_type: str, share: float, sample: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """The clean latent by the model's `output` for `sample`, of whose variance `share` is signal."""
    match prediction_type:
        case "sample":
            return output
        case "v_prediction":
            return share**0.5 * sample - (1 - share) ** 0.5 * output
    # With zero terminal SNR there is no signal to be found at first.
    return (sample - (1 - share) ** 0.5 * output) / max(share, 1e-4) ** 0.5


def _patches(count: int) -> torch.Tensor:
    """A picture [1, 3, H, W] of `count` x `count` random colours that run into each other."""
    generator = torch.Generator().manual_seed(LESSON_SEED + count)
    colours = torch.rand(1, 3, count, count, generator=generator) * 2 - 1
    return functional.interpolate(colours, (LESSON_SIDE, LESSON_SIDE), mode="bilinear")


def _with_one(latents: torch.Tensor) -> torch.Tensor:
    """[N, C, h, w] to [N, h, w, C + 1], with a constant one at the end."""
    return functional.pad(latents.permute(0, 2, 3, 1), (0, 1), value=1.0)
