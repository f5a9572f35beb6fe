"""From where a model lies to a diffusers pipeline on the CPU. Only safetensors, only checked folders."""

import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

from generation.engine.config import EngineConfig
from generation.engine.errors import ModelRefused
from generation.engine.families import FAMILIES, Family
from generation.engine.sources import (
    PIPELINES,
    Folder,
    HubRevision,
    SingleFile,
    check_folder,
    check_tiny_decoder,
    find_source,
)

logger = logging.getLogger(__name__)

# Weights in a component's folder only: the root of a repository often holds the same again as one file.
HUB_FILES = ["model_index.json", "service.json", "*/*.json", "*/*.txt", "*/*.safetensors"]
HUB_DUPLICATES = ["*.fp16.safetensors", "*.non_ema.safetensors", "*flax*", "*openvino*", "*onnx*"]


@dataclass(frozen=True, slots=True)
class Opened:
    """`folder` tells of the model: the folder it lies in, or that of a single file's architecture."""

    pipeline: Any
    family: type[Family]
    folder: Path
    name: str


def open_model(config: EngineConfig, dtype: torch.dtype) -> Opened:
    """The pipeline that the configuration names. Raises `ModelRefused`."""
    match find_source(config.model):
        case Folder(path):
            return _open_folder(path, path.resolve().name, dtype)
        case HubRevision(repo, revision):
            return _open_folder(_hub_folder(repo, revision), repo, dtype)
        case SingleFile(path):
            return _open_file(path, config.model_config, dtype)


def open_tiny_decoder(folder: Path, dtype: torch.dtype) -> AutoencoderTiny:
    """The `AutoencoderTiny` of a folder. Raises `ModelRefused`."""
    check_tiny_decoder(folder)
    try:
        return AutoencoderTiny.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{folder.name} could not be loaded: {error}") from error


def _open_folder(folder: Path, name: str, dtype: torch.dtype) -> Opened:
    kind = check_folder(folder)
    try:
        pipeline = getattr(diffusers, kind).from_pretrained(
            folder, dtype=dtype, variant=_variant(folder), use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{folder.name} could not be loaded: {error}") from error
    return Opened(pipeline, FAMILIES[PIPELINES[kind]], folder, name)


def _variant(folder: Path) -> str | None:
    """`fp16` for a folder that holds the weights in this variant only."""
    weights = [path.name for path in folder.glob("unet/*.safetensors")]
    return "fp16" if all(".fp16." in name for name in weights) else None


def _open_file(path: Path, model_config: Path | None, dtype: torch.dtype) -> Opened:
    if model_config is None:
        raise ModelRefused(
            f"{path.name} holds weights only. Set SD_MODEL_CONFIG to a diffusers folder of the same "
            "architecture (model_index.json, the components' config.json, the tokenizer; no weights needed)."
        )
    kind = check_folder(model_config, weights=False)
    try:
        pipeline = getattr(diffusers, kind).from_single_file(
            str(path), config=str(model_config), dtype=dtype, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{path.name} could not be loaded: {error}") from error
    return Opened(pipeline, FAMILIES[PIPELINES[kind]], model_config, path.stem)


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
