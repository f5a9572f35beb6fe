"""What a request that leaves it out gets: by the model's `service.json`, or by the kind of model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from generation.engine.errors import ModelRefused
from generation.params import NO_GUIDANCE, GenerationParams, ParamsError, SchedulerName

FILE_NAME = "service.json"
NUM_INFERENCE_STEPS = 30
GUIDANCE_SCALE = 7.5

# Models distilled to few steps need no guidance, except those that are told a scale instead of being guided.
FEW_STEPS = 4
TOLD_GUIDANCE_SCALE = 8.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDefaults:
    """A model's name, native size in pixels, and values for what a request leaves out."""

    name: str
    native_width: int
    native_height: int
    num_inference_steps: int = NUM_INFERENCE_STEPS
    guidance_scale: float = GUIDANCE_SCALE
    scheduler: SchedulerName = SchedulerName.DDIM


def usual_values(scheduler: str, config: Mapping[str, Any], *, told_guidance: bool) -> dict[str, Any]:
    """Steps and guidance by the class and config of a model's scheduler, which give away a few-step model.

    `told_guidance` says that its UNet takes the guidance scale as an input, as that of a guided LCM does.
    """
    if told_guidance:
        return {"num_inference_steps": FEW_STEPS, "guidance_scale": TOLD_GUIDANCE_SCALE}
    # Turbo and Lightning models come with such an Euler scheduler.
    trailing = config.get("timestep_spacing") == "trailing" and not config.get("rescale_betas_zero_snr")
    if scheduler in ("LCMScheduler", "TCDScheduler") or (scheduler.startswith("Euler") and trailing):
        return {"num_inference_steps": FEW_STEPS, "guidance_scale": NO_GUIDANCE}
    return {}


def read_defaults(folder: Path | None, fallback: ModelDefaults) -> ModelDefaults:
    """`fallback`, changed by the folder's `service.json` where there is one. `ModelRefused` if wrong."""
    path = folder / FILE_NAME if folder else None
    if path is None or not path.is_file():
        return fallback
    try:
        return _merge(fallback, json.loads(path.read_text(encoding="utf-8")))
    except (ParamsError, TypeError, ValueError) as error:
        raise ModelRefused(f"{FILE_NAME}: {error}") from None


def _merge(fallback: ModelDefaults, changes: object) -> ModelDefaults:
    if not isinstance(changes, dict):
        raise TypeError("must be a JSON object")
    values = {field.name: getattr(fallback, field.name) for field in fields(ModelDefaults)}
    if unknown := changes.keys() - values.keys():
        raise ValueError(f"unknown keys {', '.join(sorted(unknown))}")
    for key, value in changes.items():
        _check_type(key, value, type(values[key]))
    values |= changes
    values["scheduler"] = SchedulerName(values["scheduler"])
    merged = ModelDefaults(**values)
    _check(merged)
    return merged


def _check_type(key: str, value: object, wanted: type) -> None:
    accepted = {float: (int, float), int: (int,)}.get(wanted, (str,))
    if not isinstance(value, accepted) or isinstance(value, bool):
        raise TypeError(f"{key} has a wrong type")


def _check(defaults: ModelDefaults) -> None:
    """A request that leaves everything out must be valid."""
    GenerationParams(
        prompt="x",
        width=defaults.native_width,
        height=defaults.native_height,
        num_inference_steps=defaults.num_inference_steps,
        guidance_scale=defaults.guidance_scale,
        scheduler=defaults.scheduler,
        seed=0,
    )
