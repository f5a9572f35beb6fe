from pathlib import Path

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

import generation.picturebook
from generation.picturebook.reader import LENGTH, tokenize, train_tokenizer
from generation.picturebook.train import Plan, save, train


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("picturebook")
    return Plan(folder, pictures=24, autoencoder_steps=2, reader_steps=2, painter_steps=2)


@pytest.fixture(scope="module")
def trained(plan: Plan) -> StableDiffusionPipeline:
    return train(plan)


def test_the_result_is_a_stock_pipeline(trained: StableDiffusionPipeline, plan: Plan) -> None:
    save(trained, plan.folder / "pipeline")
    loaded = StableDiffusionPipeline.from_pretrained(plan.folder / "pipeline", dtype=torch.float32)
    loaded.set_progress_bar_config(disable=True)
    image = loaded("a boat", width=72, height=136, num_inference_steps=2).images[0]
    assert image.size == (72, 136)
    names = {path.suffix for path in (plan.folder / "pipeline").rglob("*") if path.is_file()}
    assert names <= {".json", ".safetensors"}


def test_the_same_seed_trains_the_same_weights(
    trained: StableDiffusionPipeline, plan: Plan, tmp_path: Path
) -> None:
    other = Plan(tmp_path, pictures=24, autoencoder_steps=2, reader_steps=2, painter_steps=2)
    again = train(other).unet.state_dict()
    for name, weight in trained.unet.float().state_dict().items():
        assert torch.allclose(weight, again[name], atol=1e-3), name


def test_unknown_words_fall_apart_into_known_pieces() -> None:
    tokenizer = train_tokenizer(seed=0, captions=500)
    known, unknown = tokenize(tokenizer, ["a red house", "zxqj Élan naïve 家 42!"])
    assert known.shape == unknown.shape == (LENGTH,)
    end = tokenizer.eos_token_id
    assert (known != end).sum() == 4
    first_end = (unknown == end).int().argmax().item()
    assert first_end > 12
    assert (unknown[first_end:] == end).all()


def test_an_endless_prompt_is_cut() -> None:
    tokenizer = train_tokenizer(seed=0, captions=500)
    tokens = tokenize(tokenizer, ["red house " * 900])
    assert tokens.shape == (1, LENGTH)
    assert tokens[0, -1] == tokenizer.eos_token_id


def test_the_shipped_model_tells_nothing_of_where_it_was_made() -> None:
    weights = Path(generation.picturebook.__file__).parent / "weights"
    assert [path for path in weights.rglob("*.json") if "_name_or_path" in path.read_text()] == []
