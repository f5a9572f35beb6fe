"""The schedulers of the API as diffusers objects, made fresh per request: they are the stateful part."""

from collections.abc import Mapping
from typing import Any

import torch
from diffusers.schedulers import (
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)

from generation.params import ParamsError, SchedulerName

TABLE: dict[SchedulerName, tuple[type, dict[str, Any]]] = {
    SchedulerName.DDIM: (DDIMScheduler, {}),
    SchedulerName.DDPM: (DDPMScheduler, {}),
    SchedulerName.EULER: (EulerDiscreteScheduler, {}),
    SchedulerName.EULER_KARRAS: (EulerDiscreteScheduler, {"use_karras_sigmas": True}),
    SchedulerName.EULER_ANCESTRAL: (EulerAncestralDiscreteScheduler, {}),
    SchedulerName.HEUN: (HeunDiscreteScheduler, {}),
    SchedulerName.LMS: (LMSDiscreteScheduler, {}),
    SchedulerName.PNDM: (PNDMScheduler, {"skip_prk_steps": True}),
    SchedulerName.DEIS: (DEISMultistepScheduler, {}),
    SchedulerName.UNIPC: (UniPCMultistepScheduler, {}),
    SchedulerName.DPMPP_2M: (DPMSolverMultistepScheduler, {}),
    SchedulerName.DPMPP_2M_KARRAS: (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    SchedulerName.DPMPP_2M_SDE: (DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}),
    SchedulerName.KDPM2: (KDPM2DiscreteScheduler, {}),
    SchedulerName.LCM: (LCMScheduler, {}),
    SchedulerName.TCD: (TCDScheduler, {}),
}


def make_scheduler(name: SchedulerName, config: Mapping[str, Any]) -> Any:
    """A new scheduler, made from the config of the model's own."""
    scheduler, changes = TABLE[name]
    return scheduler.from_config(config, **changes)  # type: ignore[attr-defined]


def name_scheduler(scheduler: Any) -> SchedulerName:
    """The API's name for a model's own scheduler; `ddim` for one that the API does not have."""
    best = SchedulerName.DDIM
    for name, (kind, changes) in TABLE.items():
        fits = all(scheduler.config.get(key) == value for key, value in changes.items())
        if type(scheduler) is kind and fits and len(changes) >= len(TABLE[best][1]):
            best = name
    return best


def try_out(name: SchedulerName, config: Mapping[str, Any], num_inference_steps: int) -> None:
    """Run a scheduler through all its steps on a single number.

    Raises `ParamsError` where diffusers cannot: LCM and TCD beyond the steps that they were distilled from,
    DPM++ with Karras sigmas on a model with zero terminal SNR (its rounded timesteps repeat).
    """
    try:
        _run(make_scheduler(name, config), num_inference_steps)
    except (ValueError, IndexError):
        message = f"The scheduler {name} cannot do {num_inference_steps} steps with this model."
        raise ParamsError("scheduler", message) from None


def _run(scheduler: Any, num_inference_steps: int) -> None:
    scheduler.set_timesteps(num_inference_steps)
    sample = torch.zeros(1, 1, 1, 1)
    for timestep in scheduler.timesteps:
        output = scheduler.scale_model_input(sample, timestep)
        sample = scheduler.step(output, timestep, sample, return_dict=False)[0]
