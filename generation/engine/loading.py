"""From the setting that names a model to a pipeline on its device. Only safetensors, only checked folders."""

import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
from transformers.utils import logging as transformers_logging

from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.defaults import ModelDefaults, read_defaults
from generation.engine.errors import ModelRefused
from generation.engine.schedulers import name_scheduler
from generation.engine.sources import Folder, HubRevision, SingleFile, check_folder, find_source

logger = logging.getLogger(__name__)

FAMILY = "stable-diffusion"
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}

# Weights in a component's folder only: the root of a repository often holds the same again as one file.
HUB_FILES = ["model_index.json", "service.json", "*/*.json", "*/*.txt", "*/*.safetensors"]
HUB_DUPLICATES = ["*.fp16.safetensors", "*.non_ema.safetensors", "*flax*", "*openvino*", "*onnx*"]


@dataclass(frozen=True, slots=True)
class LoadedModel:
    pipeline: StableDiffusionPipeline
    facts: ModelFacts


def load_model(config: EngineConfig) -> LoadedModel:
    """Find, check and load the configured model. Raises `ModelRefused` with the reason where it cannot be.

    The number of threads is set for the calling thread, which should be the one that draws.
    """
    if config.num_threads is not None:
        torch.set_num_threads(config.num_threads)
    # Their warnings quote prompts, which do not belong into a log.
    diffusers_logging.set_verbosity_error()
    transformers_logging.set_verbosity_error()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    device = _device(config.device)
    dtype = _dtype(config.dtype, device)
    pipeline, folder, name = _open(config, dtype)
    pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    return LoadedModel(pipeline, _facts(pipeline, folder, name))


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        return torch.float32 if device.type == "cpu" else torch.float16
    return DTYPES[name]


def _open(config: EngineConfig, dtype: torch.dtype) -> tuple[StableDiffusionPipeline, Path | None, str]:
    match find_source(config.model):
        case Folder(path):
            return _open_folder(path, dtype), path, path.resolve().name
        case HubRevision(repo, revision):
            path = _hub_folder(repo, revision)
            return _open_folder(path, dtype), path, repo
        case SingleFile(path):
            return _open_file(path, config.model_config, dtype), config.model_config, path.stem


def _open_folder(folder: Path, dtype: torch.dtype) -> StableDiffusionPipeline:
    check_folder(folder)
    try:
        return StableDiffusionPipeline.from_pretrained(
            folder, dtype=dtype, variant=_variant(folder), use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{folder.name} could not be loaded: {error}") from error


def _variant(folder: Path) -> str | None:
    """`fp16` for a folder that holds the weights in this variant only."""
    weights = [path.name for path in folder.glob("unet/*.safetensors")]
    return "fp16" if all(".fp16." in name for name in weights) else None


def _open_file(path: Path, model_config: Path | None, dtype: torch.dtype) -> StableDiffusionPipeline:
    if model_config is None:
        raise ModelRefused(
            f"{path.name} holds weights only. Set SD_MODEL_CONFIG to a diffusers folder of the same "
            "architecture (model_index.json, the components' config.json, the tokenizer; no weights needed)."
        )
    check_folder(model_config, weights=False)
    try:
        return StableDiffusionPipeline.from_single_file(
            str(path), config=str(model_config), dtype=dtype, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{path.name} could not be loaded: {error}") from error


def _hub_folder(repo: str, revision: str) -> Path:
    """The local copy of a pinned revision, downloaded only where there is none."""
    download = partial(
        snapshot_download, repo, revision=revision, allow_patterns=HUB_FILES, ignore_patterns=HUB_DUPLICATES
    )
    try:
        return Path(download(local_files_only=True))
    except LocalEntryNotFoundError:
        logger.info("downloading %s, revision %s", repo, revision)
    try:
        return Path(download())
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise ModelRefused(f"{repo}@{revision} is not here and could not be downloaded: {error}") from error


def _facts(pipeline: StableDiffusionPipeline, folder: Path | None, name: str) -> ModelFacts:
    side = pipeline.unet.config.sample_size * pipeline.vae_scale_factor
    fallback = ModelDefaults(
        name=name, native_width=side, native_height=side, scheduler=name_scheduler(pipeline.scheduler)
    )
    defaults = read_defaults(folder, fallback)
    return ModelFacts(
        name=defaults.name,
        family=FAMILY,
        native_width=defaults.native_width,
        native_height=defaults.native_height,
        num_inference_steps=defaults.num_inference_steps,
        guidance_scale=defaults.guidance_scale,
        scheduler=defaults.scheduler,
        device=str(pipeline.device),
        dtype=str(pipeline.dtype).removeprefix("torch."),
    )
