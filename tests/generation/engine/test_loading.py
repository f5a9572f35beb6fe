"""Which models are loaded, which are refused, and what is said about them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import EulerDiscreteScheduler
from safetensors.torch import save_file

from generation.engine import EngineConfig
from generation.engine.config import ExecutorName
from generation.engine.errors import ModelRefused
from generation.engine.loading import choose_dtype, load_model
from generation.params import RequestType, SchedulerName
from tests.generation import original_checkpoint, tiny_model
from tests.generation.tiny_parts import unet


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

    monkeypatch.setattr("generation.engine.opening.snapshot_download", snapshot_download)
    assert load_model(EngineConfig(model=f"owner/name@{'a' * 40}", device="cpu")).facts.name == "tiny"


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no model at" in refusal(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["model.ckpt", "model.bin"])
def test_a_pickled_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert "pickles" in refusal(tmp_path / name)


def test_a_single_file_gives_the_model_of_its_folder(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "dreamy.safetensors"
    original_checkpoint.write(folder, file)
    wanted = _weights(EngineConfig(model=str(folder), device="cpu", num_threads=1))
    for weights in folder.rglob("*.safetensors"):
        weights.unlink()
    (folder / "service.json").unlink()
    config = EngineConfig(model=str(file), model_config=folder, device="cpu", num_threads=1)
    assert load_model(config).facts.name == "dreamy"
    found = _weights(config)
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def _weights(config: EngineConfig) -> dict[str, torch.Tensor]:
    pipeline = load_model(config).family.pipeline
    parts = {"unet": pipeline.unet, "vae": pipeline.vae, "text_encoder": pipeline.text_encoder}
    return {f"{part}.{name}": value for part in parts for name, value in parts[part].state_dict().items()}


def test_a_single_file_needs_its_architecture(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "model.safetensors")
    assert "SD_MODEL_CONFIG" in refusal(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    ("kind", "family", "steps", "guidance"),
    [
        ("sd15", "stable-diffusion", 30, 7.5),
        ("sd21", "stable-diffusion", 30, 7.5),
        ("turbo", "stable-diffusion", 4, 1.0),
        ("lcm", "stable-diffusion", 4, 8.5),
        ("sdxl", "stable-diffusion-xl", 30, 7.5),
    ],
)
def test_a_kind_of_model_has_its_defaults(
    tmp_path: Path, kind: str, family: str, steps: int, guidance: float
) -> None:
    tiny_model.build(tmp_path / kind, kind)
    facts = load_model(EngineConfig(model=str(tmp_path / kind), device="cpu")).facts
    assert (facts.family, facts.native_width, facts.native_height) == (family, 64, 64)
    assert (facts.num_inference_steps, facts.guidance_scale) == (steps, guidance)
    assert facts.request_types == tuple(RequestType)


@pytest.mark.parametrize("kind", ["inpaint9", "sdxl_inpaint9"])
def test_an_inpainting_unet_does_nothing_else(tmp_path: Path, kind: str) -> None:
    tiny_model.build(tmp_path / kind, kind)
    facts = load_model(EngineConfig(model=str(tmp_path / kind), device="cpu")).facts
    assert facts.request_types == (RequestType.INPAINTING,)


def test_the_shipped_model_does_all_kinds_of_requests() -> None:
    facts = load_model(EngineConfig(model="generation/picturebook/weights", device="cpu")).facts
    assert (facts.name, facts.request_types) == ("picturebook", tuple(RequestType))


def test_a_refiner_is_refused(tmp_path: Path) -> None:
    tiny_model.build(tmp_path / "refiner", "sdxl")
    path = tmp_path / "refiner/model_index.json"
    index = json.loads(path.read_text()) | {"_class_name": "StableDiffusionXLImg2ImgPipeline"}
    path.write_text(json.dumps(index | {"requires_aesthetics_score": True}))
    assert "base model" in refusal(tmp_path / "refiner")


def test_a_unet_with_an_odd_number_of_channels_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "unet")
    unet(in_channels=5).save_pretrained(folder / "unet")
    assert "takes 5 channels" in refusal(folder)


def test_a_unet_that_wants_to_know_more_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "unet")
    unet(num_class_embeds=3, class_embed_type="timestep").save_pretrained(folder / "unet")
    assert "wants more" in refusal(folder)


def test_a_tiny_decoder_for_other_latents_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    tiny_model.build_tiny_decoder(tmp_path / "decoder", latent_channels=16)
    assert "other latents" in refusal(tiny_folder, tiny_decoder=tmp_path / "decoder")


def test_what_is_no_tiny_decoder_is_refused(tiny_folder: Path) -> None:
    assert "AutoencoderKL" in refusal(tiny_folder, tiny_decoder=tiny_folder / "vae")


def test_a_tiny_decoder_that_is_a_pickle_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "diffusion_pytorch_model.bin").write_bytes(b"")
    assert "pickled" in refusal(tiny_folder, tiny_decoder=tmp_path)


def test_on_a_cpu_weights_stay_float32_unless_torch_runs_them(tiny_folder: Path) -> None:
    config = EngineConfig(model=str(tiny_folder), device="cpu", dtype="bfloat16")
    model = load_model(config)
    assert (model.facts.dtype, model.family.dtype) == ("bfloat16", torch.float32)
    model = load_model(replace(config, executor=ExecutorName.TORCH))
    assert (model.facts.dtype, model.family.dtype) == ("bfloat16", torch.bfloat16)


@pytest.mark.parametrize(("has_bfloat16", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_gpu_computes_in_what_it_has(
    monkeypatch: pytest.MonkeyPatch, has_bfloat16: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **_: has_bfloat16)
    assert choose_dtype("auto", torch.device("cuda")) is dtype
    assert choose_dtype("float32", torch.device("cuda")) is torch.float32
