"""The model that contenders draw with: one to be loaded, or a known architecture with random weights."""

import torch

from generation.benchmark.architectures import Architecture, build_random
from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.families import Family, StableDiffusion, StableDiffusionXL
from generation.engine.loading import LoadedModel, choose_device, choose_dtype, load_model, silence
from generation.params import SchedulerName

PREFIX = "random:"
FAMILIES: dict[Architecture, type[Family]] = {
    Architecture.SD15: StableDiffusion,
    Architecture.SDXL: StableDiffusionXL,
}
STEPS = 20
GUIDANCE = 7.5


def load_or_build(config: EngineConfig) -> LoadedModel:
    """`load_model`, which here also understands `random:sd15` and `random:sdxl`."""
    if not config.model.startswith(PREFIX):
        return load_model(config)
    return _random_model(Architecture(config.model.removeprefix(PREFIX)), config)


def _random_model(architecture: Architecture, config: EngineConfig) -> LoadedModel:
    if config.num_threads is not None:
        torch.set_num_threads(config.num_threads)
    silence()
    device = choose_device(config.device)
    dtype = choose_dtype(config.dtype, device)
    pipeline = build_random(architecture, device, dtype)
    pipeline.set_progress_bar_config(disable=True)
    family = FAMILIES[architecture](pipeline)
    return LoadedModel(family, _facts(architecture, family))


def _facts(architecture: Architecture, family: Family) -> ModelFacts:
    width, height = family.native_size
    return ModelFacts(
        name=architecture,
        family=family.name,
        native_width=width,
        native_height=height,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        scheduler=SchedulerName.EULER,
        request_types=family.request_types,
        device=str(family.device),
        dtype=str(family.dtype).removeprefix("torch."),
    )
