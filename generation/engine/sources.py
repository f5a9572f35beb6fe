"""Where a model lies, and whether its files may be loaded at all. Reads names and JSON, never weights."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.engine.errors import ModelRefused

# The pipelines that can be loaded, each with the family that draws with its parts.
PIPELINES = {
    "StableDiffusionPipeline": "stable-diffusion",
    "StableDiffusionImg2ImgPipeline": "stable-diffusion",
    "StableDiffusionInpaintPipeline": "stable-diffusion",
    "LatentConsistencyModelPipeline": "stable-diffusion",
    "LatentConsistencyModelImg2ImgPipeline": "stable-diffusion",
    "StableDiffusionXLPipeline": "stable-diffusion-xl",
    "StableDiffusionXLImg2ImgPipeline": "stable-diffusion-xl",
    "StableDiffusionXLInpaintPipeline": "stable-diffusion-xl",
}
LIBRARIES = frozenset({"diffusers", "transformers", "stable_diffusion"})
CODE = frozenset({".py", ".pyc", ".so", ".dll", ".dylib"})
PICKLES = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".msgpack", ".h5", ".joblib", ".npy"})

_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>.*))?")
_REVISION = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path


@dataclass(frozen=True, slots=True)
class SingleFile:
    path: Path


@dataclass(frozen=True, slots=True)
class HubRevision:
    repo: str
    revision: str


def find_source(model: str) -> Folder | SingleFile | HubRevision:
    """Say what kind of model a setting names. Raises `ModelRefused` for what is none of the three."""
    path = Path(model).expanduser()
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return _single_file(path)
    return _hub_revision(model)


def _single_file(path: Path) -> SingleFile:
    if path.suffix != ".safetensors":
        raise ModelRefused(
            f"{path.name} is not a .safetensors file. Other weight files are pickles, which run code when "
            "loaded."
        )
    return SingleFile(path)


def _hub_revision(model: str) -> HubRevision:
    match = _HUB_ID.fullmatch(model)
    if match is None:
        raise ModelRefused(f"There is no model at {model}.")
    revision = match["revision"] or ""
    if not _REVISION.fullmatch(revision):
        raise ModelRefused(
            f"{model} is no file here. For a model of the hub, pin its revision: "
            f"{match['repo']}@<40 hex digits>."
        )
    return HubRevision(match["repo"], revision)


def check_folder(folder: Path, *, weights: bool = True) -> str:
    """The name of a folder's pipeline, one of `PIPELINES`. Refuses what could run foreign code when loaded.

    A flag such as `trust_remote_code=False` was no boundary in the past (CVE-2026-44513, CVE-2026-4372): what
    is not in the folder cannot be run. `weights` is false for a folder that only tells the architecture.
    """
    check_files(folder)
    pipeline = _check_index(_read_json(folder / "model_index.json"))
    if weights and not any(folder.glob("unet/*.safetensors")):
        raise ModelRefused(f"{folder.name} has no unet/*.safetensors.")
    return pipeline


def check_tiny_decoder(folder: Path) -> None:
    """Refuse a folder that is not that of an `AutoencoderTiny`."""
    check_files(folder)
    kind = _read_json(folder / "config.json").get("_class_name")
    if kind != "AutoencoderTiny":
        raise ModelRefused(f"{folder.name} holds {kind}, not an AutoencoderTiny.")


def check_files(folder: Path) -> None:
    """Refuse a folder with program code, with pickles, or with a config that names foreign code."""
    for path in sorted(folder.rglob("*")):
        _check_file(path, folder)


def _check_file(path: Path, folder: Path) -> None:
    name = path.relative_to(folder)
    if path.suffix in CODE:
        raise ModelRefused(f"{name}: a model folder must not contain program code.")
    if path.suffix in PICKLES:
        raise ModelRefused(
            f"{name}: only .safetensors weights are loaded; pickled weights run code when loaded. "
            "Convert or remove the file."
        )
    if path.suffix == ".json" and path.name.endswith("config.json") and "auto_map" in _read_json(path):
        raise ModelRefused(f"{name}: auto_map names foreign code.")


def _check_index(index: dict[str, Any]) -> str:
    kind = index.get("_class_name")
    if not isinstance(kind, str) or kind not in PIPELINES:
        raise ModelRefused(f"model_index.json: {kind} is not supported, only {', '.join(PIPELINES)}.")
    if index.get("requires_aesthetics_score"):
        raise ModelRefused(
            "model_index.json: a refiner only finishes what a base model began. Name the base model."
        )
    _check_components(index)
    return kind


def _check_components(index: dict[str, Any]) -> None:
    for component, value in index.items():
        if component.startswith("_") or not isinstance(value, list):
            continue
        if len(value) != 2 or (value[0] is not None and value[0] not in LIBRARIES):
            raise ModelRefused(f"model_index.json: {component} is not of diffusers or transformers.")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelRefused(f"{path.parent.name} has no {path.name}, so is no diffusers folder.") from None
    except ValueError:
        raise ModelRefused(f"{path.name} is not valid JSON.") from None
    if not isinstance(content, dict):
        raise ModelRefused(f"{path.name} is not a JSON object.")
    return content
