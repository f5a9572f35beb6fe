"""From the setting that names a model to a family on its device."""

from dataclasses import dataclass

import torch
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from generation.engine.config import EngineConfig, ExecutorName, ModelFacts
from generation.engine.defaults import ModelDefaults, read_defaults, usual_values
from generation.engine.families import Family
from generation.engine.opening import Opened, open_model, open_tiny_decoder
from generation.engine.schedulers import name_scheduler

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
RUN_BY_TORCH = (ExecutorName.TORCH, ExecutorName.COMPILED)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    family: Family
    facts: ModelFacts


@torch.no_grad()
def load_model(config: EngineConfig) -> LoadedModel:
    """Find, check and load the configured model. Raises `ModelRefused` with the reason where it cannot be.

    The number of threads is set for the calling thread, which should be the one that draws.
    """
    if config.num_threads is not None:
        torch.set_num_threads(config.num_threads)
    silence()
    device = choose_device(config.device)
    dtype = choose_dtype(config.dtype, device)
    stored = dtype
    if device.type == "cpu" and config.executor not in RUN_BY_TORCH:
        # OpenVINO takes float32 weights and converts them itself.
        stored = torch.float32
    opened = open_model(config, stored)
    opened.pipeline.to(device)
    opened.pipeline.set_progress_bar_config(disable=True)
    tiny_decoder = None
    if config.tiny_decoder is not None:
        tiny_decoder = open_tiny_decoder(config.tiny_decoder, stored).to(device)
    family = opened.family(opened.pipeline, tiny_decoder, tiny_pictures=config.tiny_pictures)
    return LoadedModel(family, _facts(family, opened, dtype))


def silence() -> None:
    """Quieten diffusers and transformers, whose warnings quote prompts, which do not belong into a log."""
    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def choose_device(name: str) -> torch.device:
    """The device of this name; `auto` is a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """What the UNet computes in; `auto` is what the device gains from."""
    if name != "auto":
        return DTYPES[name]
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16


def _facts(family: Family, opened: Opened, dtype: torch.dtype) -> ModelFacts:
    defaults = read_defaults(opened.folder, _fallback(family, opened))
    return ModelFacts(
        name=defaults.name,
        family=family.name,
        native_width=defaults.native_width,
        native_height=defaults.native_height,
        num_inference_steps=defaults.num_inference_steps,
        guidance_scale=defaults.guidance_scale,
        scheduler=defaults.scheduler,
        request_types=family.request_types,
        device=str(family.device),
        dtype=str(dtype).removeprefix("torch."),
    )


def _fallback(family: Family, opened: Opened) -> ModelDefaults:
    """What holds where the model's folder says nothing."""
    width, height = family.native_size
    scheduler = opened.pipeline.scheduler
    usual = usual_values(
        type(scheduler).__name__, scheduler.config, told_guidance=family.guidance_width is not None
    )
    return ModelDefaults(
        name=opened.name,
        native_width=width,
        native_height=height,
        scheduler=name_scheduler(scheduler),
        **usual,
    )
