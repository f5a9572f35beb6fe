"""Which models are loaded, which are refused, and what is said about them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler
from safetensors.torch import save_file

from generation.engine import EngineConfig
from generation.engine.errors import ModelRefused
from generation.engine.executor import PipelineExecutor
from generation.engine.loading import load_model
from generation.params import GenerationParams, SchedulerName
from tests.generation import original_checkpoint


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, to be spoiled."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


def refusal(model: object, **config: Path) -> str:
    with pytest.raises(ModelRefused) as refused:
        load_model(EngineConfig(model=str(model), device="cpu", **config))  # type: ignore[arg-type]
    return str(refused.value)


def test_a_folder_works(folder: Path) -> None:
    facts = load_model(EngineConfig(model=str(folder), device="cpu", num_threads=1)).facts
    assert (facts.name, facts.native_width, facts.num_inference_steps) == ("tiny", 64, 2)
    assert (facts.scheduler, facts.dtype) == (SchedulerName.DDIM, "float32")


def test_without_service_json_the_model_speaks_for_itself(folder: Path) -> None:
    (folder / "service.json").unlink()
    EulerDiscreteScheduler(use_karras_sigmas=True).save_pretrained(folder / "scheduler")
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "EulerDiscreteScheduler"]
    (folder / "model_index.json").write_text(json.dumps(index))
    facts = load_model(EngineConfig(model=str(folder), device="cpu", num_threads=1)).facts
    assert (facts.name, facts.native_width, facts.native_height) == ("model", 64, 64)
    assert (facts.num_inference_steps, facts.guidance_scale) == (30, 7.5)
    assert facts.scheduler is SchedulerName.EULER_KARRAS


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"speed": 9}', '{"native_width": 65}', '{"scheduler": "magic"}', '{"name": 3}']
)
def test_a_wrong_service_json_is_refused(folder: Path, content: str) -> None:
    (folder / "service.json").write_text(content)
    assert refusal(folder).startswith("service.json")


@pytest.mark.parametrize("name", ["modeling.py", "unet/custom.py", "extension.so"])
def test_a_folder_with_code_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    assert name in refusal(folder)


@pytest.mark.parametrize(
    "name", ["unet/diffusion_pytorch_model.bin", "model.ckpt", "vae/weights.pt", "x.pkl"]
)
def test_a_folder_with_pickles_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    message = refusal(folder)
    assert name in message
    assert "run code" in message


def test_a_component_from_elsewhere_is_refused(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    index["unet"] = ["my_module", "UNet"]
    (folder / "model_index.json").write_text(json.dumps(index))
    assert "unet" in refusal(folder)


def test_another_kind_of_pipeline_is_refused(folder: Path) -> None:
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline"}))
    assert "FluxPipeline" in refusal(folder)


def test_a_config_that_names_foreign_code_is_refused(folder: Path) -> None:
    path = folder / "text_encoder/config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"auto_map": {"AutoModel": "x.Y"}}))
    assert "auto_map" in refusal(folder)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    assert "model_index.json" in refusal(tmp_path)


def test_a_damaged_file_is_refused(folder: Path) -> None:
    (folder / "unet/diffusion_pytorch_model.safetensors").write_bytes(b"not weights")
    assert "could not be loaded" in refusal(folder)


@pytest.mark.parametrize("name", ["owner/name", "owner/name@main", "owner/name@abc123"])
def test_a_hub_model_must_be_pinned(name: str) -> None:
    assert "40 hex" in refusal(name)


def test_a_hub_model_that_cannot_be_had_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert "could not be downloaded" in refusal(f"owner/name@{'a' * 40}")


def test_a_pinned_hub_model_is_loaded_from_its_local_copy(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def snapshot_download(repo: str, **options: object) -> str:
        assert (repo, options["revision"], options["local_files_only"]) == ("owner/name", "a" * 40, True)
        return str(tiny_folder)

    monkeypatch.setattr("generation.engine.loading.snapshot_download", snapshot_download)
    assert load_model(EngineConfig(model=f"owner/name@{'a' * 40}", device="cpu")).facts.name == "tiny"


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no model at" in refusal(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["model.ckpt", "model.bin"])
def test_a_pickled_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert "pickles" in refusal(tmp_path / name)


def test_a_single_file_draws_what_its_folder_draws(
    folder: Path, tmp_path: Path, params: Callable[..., GenerationParams]
) -> None:
    file = tmp_path / "dreamy.safetensors"
    original_checkpoint.write(folder, file)
    wanted = _draw(EngineConfig(model=str(folder), device="cpu", num_threads=1), params())
    for weights in folder.rglob("*.safetensors"):
        weights.unlink()
    (folder / "service.json").unlink()
    config = EngineConfig(model=str(file), model_config=folder, device="cpu", num_threads=1)
    assert load_model(config).facts.name == "dreamy"
    assert np.array_equal(_draw(config, params()), wanted)


def _draw(config: EngineConfig, params: GenerationParams) -> np.ndarray:
    (image,) = PipelineExecutor(config).draw(params, lambda *_: None)
    return np.asarray(image)


def test_a_single_file_needs_its_architecture(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "model.safetensors")
    assert "SD_MODEL_CONFIG" in refusal(tmp_path / "model.safetensors")
