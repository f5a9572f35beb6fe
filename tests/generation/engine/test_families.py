"""Each family reads, denoises, encodes and decodes as the stock pipelines do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import CLIPConfig, CLIPImageProcessorPil

from generation.engine import EngineConfig
from generation.engine.errors import ContentBlocked
from generation.engine.families import Family, Row, StableDiffusion, StableDiffusionXL
from generation.engine.loading import load_model
from generation.params import GenerationParams
from tests.generation import tiny_model

Make = Callable[..., GenerationParams]

TEXTS = ["a red house", "", "fog", "a boat on a lake at night", "a tree"]
INPAINTING = {
    StableDiffusion: StableDiffusionInpaintPipeline,
    StableDiffusionXL: StableDiffusionXLInpaintPipeline,
}


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Family]:
    folder = tmp_path_factory.mktemp("models")

    def make(kind: str, **changes: Any) -> Family:
        if not (folder / kind).exists():
            tiny_model.build(folder / kind, kind)
        config = EngineConfig(model=str(folder / kind), device="cpu", num_threads=1, **changes)
        return load_model(config).family

    return make


@pytest.fixture(scope="module", params=["sd15", "sd21", "sdxl"])
def family(request: pytest.FixtureRequest, load: Callable[..., Family]) -> Family:
    return load(request.param)


@pytest.fixture
def pixels() -> torch.Tensor:
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3)) * 2 - 1


def read(family: Family, *texts: str) -> dict[str, Row]:
    return dict(zip(texts, family.read(texts), strict=True))


def test_a_text_is_read_as_the_stock_pipeline_reads_it(family: Family) -> None:
    for text, row in read(family, *TEXTS).items():
        read_alone = family.pipeline.encode_prompt(
            text, device=family.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        wanted = [states for states in read_alone if states is not None]
        for ours, theirs in zip(row.values(), wanted, strict=True):
            torch.testing.assert_close(ours, theirs[0], rtol=1e-5, atol=1e-5)


def test_the_bits_of_a_text_do_not_depend_on_its_neighbours(family: Family) -> None:
    together, turned = read(family, *TEXTS), read(family, *reversed(TEXTS))
    for text in TEXTS:
        alone = read(family, text)[text]
        for name, states in alone.items():
            assert torch.equal(states, together[text][name])
            assert torch.equal(states, turned[text][name])


def test_guidance_makes_a_second_row(family: Family, params: Make) -> None:
    readings = read(family, "a red house", "fog")
    negative, positive = family.rows(params(negative_prompt="fog"), readings)
    assert torch.equal(negative["encoder_hidden_states"], readings["fog"]["encoder_hidden_states"])
    assert torch.equal(positive["encoder_hidden_states"], readings["a red house"]["encoder_hidden_states"])
    assert tuple(positive) == family.row_names
    assert len(family.rows(params(guidance_scale=1.0), readings)) == 1


def test_no_negative_prompt_is_zeros_for_sdxl(load: Callable[..., Family], params: Make) -> None:
    family = load("sdxl")
    negative, _ = family.rows(params(), read(family, "a red house", ""))
    assert not negative["encoder_hidden_states"].any()
    assert not negative["text_embeds"].any()
    assert negative["time_ids"].tolist() == [64, 64, 0, 0, 64, 64]


def test_no_negative_prompt_is_an_empty_one_for_others(load: Callable[..., Family], params: Make) -> None:
    family = load("sd15")
    readings = read(family, "a red house", "")
    negative, _ = family.rows(params(), readings)
    assert torch.equal(negative["encoder_hidden_states"], readings[""]["encoder_hidden_states"])


def test_sdxl_is_told_height_before_width(load: Callable[..., Family], params: Make) -> None:
    family = load("sdxl")
    (row,) = family.rows(params(width=128, guidance_scale=1.0), read(family, "a red house"))
    assert row["time_ids"].tolist() == [64, 128, 0, 0, 64, 128]


def test_an_lcm_is_told_the_guidance(load: Callable[..., Family], params: Make) -> None:
    family = load("lcm")
    (row,) = family.rows(params(guidance_scale=8.5), read(family, "a red house"))
    wanted = family.pipeline.get_guidance_scale_embedding(torch.tensor([7.5]), embedding_dim=32)
    assert torch.equal(row["timestep_cond"], wanted[0])


def test_the_denoiser_is_the_unet(family: Family, params: Make) -> None:
    rows = family.rows(params(), read(family, "a red house", ""))
    stacked = {name: torch.stack([row[name] for row in rows]) for name in family.row_names}
    sample, timestep = torch.randn(2, 4, 8, 8), torch.tensor([900.0, 20.0])
    added = {name: stacked[name] for name in stacked if name != "encoder_hidden_states"}
    wanted = family.pipeline.unet(
        sample, timestep, stacked["encoder_hidden_states"], added_cond_kwargs=added
    ).sample
    assert torch.equal(family.denoiser(sample, timestep, **stacked), wanted)


def test_an_image_is_encoded_with_the_draws_of_the_stock_pipeline(
    family: Family, pixels: torch.Tensor
) -> None:
    stock = INPAINTING[type(family)].from_pipe(family.pipeline)
    ours, theirs = torch.Generator().manual_seed(7), torch.Generator().manual_seed(7)
    assert torch.equal(family.encode(pixels, ours), stock._encode_vae_image(pixels, theirs))
    assert torch.equal(ours.get_state(), theirs.get_state())


def test_latents_become_the_stock_pipelines_bytes(family: Family) -> None:
    latents = torch.randn(1, 4, 8, 8) * family.pipeline.vae.config.scaling_factor
    decoded = family.pipeline.vae.decode(latents / family.pipeline.vae.config.scaling_factor).sample
    (wanted,) = family.pipeline.image_processor.postprocess(decoded.detach())
    picture = family.to_bytes(family.decode(latents))
    assert picture.dtype is torch.uint8
    assert np.array_equal(picture.numpy(), np.asarray(wanted))


def test_latents_with_statistics_are_shifted_and_stretched(load: Callable[..., Family]) -> None:
    family = load("sdxl")
    latents = torch.randn(1, 4, 8, 8)
    plain = family.decode(latents * 2 + family.pipeline.vae.config.scaling_factor)
    family.pipeline.vae.register_to_config(latents_mean=[1.0] * 4, latents_std=[2.0] * 4)
    torch.testing.assert_close(family.decode(latents), plain)


def test_an_sdxl_autoencoder_does_not_run_in_float16(load: Callable[..., Family]) -> None:
    family = load("sdxl", dtype="float16", executor="torch")
    assert (family.dtype, family.pipeline.vae.dtype) == (torch.float16, torch.float32)


def test_the_tiny_decoder_can_make_the_pictures(load: Callable[..., Family], tmp_path: Path) -> None:
    tiny_model.build_tiny_decoder(tmp_path / "decoder")
    latents = torch.randn(1, 4, 8, 8)
    slow = load("sd15").decode(latents)
    for_previews = load("sd15", tiny_decoder=tmp_path / "decoder")
    assert torch.equal(for_previews.decode(latents), slow)
    assert for_previews.preview(latents).shape == (64, 64, 3)
    quick = load("sd15", tiny_decoder=tmp_path / "decoder", tiny_pictures=True).decode(latents)
    assert quick.shape == slow.shape
    assert not torch.equal(quick, slow)


@pytest.mark.parametrize("threshold", [-2.0, 2.0])
def test_a_safety_checker_has_the_last_word(load: Callable[..., Family], threshold: float) -> None:
    family = load("sd15")
    vision = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(vision_config=vision | {"image_size": 32, "patch_size": 16}, projection_dim=8)
    )
    checker.concept_embeds_weights.fill_(threshold)
    family.pipeline.safety_checker = checker
    family.pipeline.feature_extractor = CLIPImageProcessorPil(size=32, crop_size=32)
    picture = np.full((64, 64, 3), 90, np.uint8)
    if threshold > 0:
        family.check_safety(picture)
        return
    with pytest.raises(ContentBlocked):
        family.check_safety(picture)
    assert (picture == 90).all()
