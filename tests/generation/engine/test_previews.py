"""Previews show about what the picture will be."""

from pathlib import Path

import pytest
import torch
from diffusers import DDPMScheduler
from torch.nn import functional

from generation.engine import EngineConfig
from generation.engine.loading import load_model
from generation.engine.previews import LinearPreview, foresee, signal_share


def encode(pixels: torch.Tensor) -> torch.Tensor:
    """Latents of five channels, of which two mix the colours of a cell, and one says nothing."""
    red, green, blue = functional.avg_pool2d(pixels, 8).unbind(1)
    return torch.stack([red - green, red + 2 * green, blue + 0.5, green, torch.zeros_like(red)], dim=1)


def test_the_linear_map_finds_the_colours() -> None:
    pixels = torch.rand(1, 3, 64, 32) * 2 - 1
    preview = LinearPreview(encode)(encode(pixels))
    torch.testing.assert_close(preview, functional.avg_pool2d(pixels, 8), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("timestep", [0, 400, 999])
def test_a_true_output_foretells_the_clean_latent(prediction_type: str, timestep: int) -> None:
    scheduler = DDPMScheduler(beta_schedule="scaled_linear", prediction_type=prediction_type)
    clean, noise, steps = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8), torch.tensor([timestep])
    noisy = scheduler.add_noise(clean, noise, steps)
    outputs = {
        "epsilon": noise,
        "v_prediction": scheduler.get_velocity(clean, noise, steps),
        "sample": clean,
    }
    share = signal_share(scheduler.config)(timestep + 0.2)
    foreseen = foresee(prediction_type, share, noisy, outputs[prediction_type])
    torch.testing.assert_close(foreseen, clean, rtol=1e-3, atol=1e-3)


def test_without_any_signal_the_preview_stays_finite() -> None:
    share = signal_share({"rescale_betas_zero_snr": True})(999)
    assert foresee("epsilon", share, torch.ones(1), torch.zeros(1)).isfinite().all()


def test_the_shipped_models_previews_have_its_colours() -> None:
    family = load_model(EngineConfig(model=str(Path("generation/picturebook/weights")), device="cpu")).family
    pixels = torch.zeros(1, 3, 64, 64)
    pixels[:, 0, :, 32:], pixels[:, 2, :, :32] = 0.8, 0.6
    preview = family.preview(family.encode(pixels))
    wanted = family.to_bytes(functional.avg_pool2d(pixels, 8))
    assert preview.shape == (8, 8, 3)
    assert (preview.int() - wanted.int()).abs().float().mean() < 12
