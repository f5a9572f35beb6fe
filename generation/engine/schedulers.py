"""The schedulers of the API as diffusers objects, made fresh per request: they are the stateful part."""

import inspect
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

from generation.params import SchedulerName

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


class StockScheduler:
    """A diffusers scheduler, set up and called as the stock pipelines do.

    `begin` is None for text-to-image. For image-to-image and inpainting it is the number of steps that the
    strength leaves out. `timesteps` are those that remain, one for every evaluation of the UNet.
    Raises `ValueError`, `IndexError` or `NotImplementedError`, now or at a step, for what the scheduler cannot do.
    """

    def __init__(
        self, name: SchedulerName, config: Mapping[str, Any], num_inference_steps: int, begin: int | None
    ) -> None:
        self.scheduler = make_scheduler(name, config)
        self.scheduler.set_timesteps(num_inference_steps)
        first = (begin or 0) * self.scheduler.order
        self.timesteps: torch.Tensor = self.scheduler.timesteps[first:]
        if begin is not None and hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(first)
        self._parameters = frozenset(inspect.signature(self.scheduler.step).parameters)
        self.carries = hasattr(self.scheduler, "last_sample")

    def scale(self, index: int, sample: torch.Tensor) -> torch.Tensor:
        """What the UNet is given for the latents `sample` at step `index`."""
        return self.scheduler.scale_model_input(sample, self.timesteps[index])

    def step(
        self, index: int, output: torch.Tensor, sample: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """The latents after step `index`. Steps are taken once, in order."""
        # The pipelines' default of eta is not TCD's own, which is 0.3.
        extra = {"eta": 0.0, "generator": generator}
        kwargs = {name: value for name, value in extra.items() if name in self._parameters}
        return self.scheduler.step(output, self.timesteps[index], sample, return_dict=False, **kwargs)[0]

    def add_noise(self, index: int, latents: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Clean latents, noised for step `index`, which is the next to come."""
        return self.scheduler.add_noise(latents, noise, self.timesteps[index : index + 1])

    def exchange(self, carried: torch.Tensor) -> torch.Tensor:
        """The latents that the scheduler carries to its next step by itself, which get `carried` instead."""
        previous, self.scheduler.last_sample = self.scheduler.last_sample, carried
        return previous
