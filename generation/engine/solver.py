"""Plans: what diffusers' schedulers do to a latent, found out once and kept as numbers.

A scheduler that neither clips nor thresholds is linear in the latents and the model's outputs, so that one
expression can step all the rows of a tick, whatever their schedulers.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from generation.engine.coefficients import DEPTH, Coefficients, follows, tabulate
from generation.engine.probe import noised, probe
from generation.engine.schedulers import StockScheduler
from generation.engine.threads import threads
from generation.params import ParamsError, SchedulerName, gettext_noop

__all__ = ["DEPTH", "Coefficients", "Plan", "make_plan"]

PLANS = 512


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plan:
    """What a scheduler does in `K` evaluations of the UNet with the latent `z` of an image, and with noise.

    `timesteps` are float32 `[K]`. The UNet is given `input_scale[k] * x_k`; the scales are float64 `[K]`.
    `start` is the `(alpha, sigma)` of `x_0 = alpha * z + sigma * noise`. Inpainting with strength 1 forgets the image
    and has `start_from_noise`, which is also text-to-image's.
    `known` is float64 `[K, 2]`: after step `k`, inpainting with a UNet that sees no mask puts
    `alpha * z + sigma * noise` back outside the mask. It means nothing for text-to-image.
    `draws` is bool `[K]`: step `k` draws one noise from the member's generator.
    `coefficients` is None for what is not linear. Each member then steps with a `new_scheduler` of its own, which
    also draws by itself; the rest of the plan holds all the same.
    """

    timesteps: np.ndarray
    input_scale: np.ndarray
    start: tuple[float, float]
    start_from_noise: tuple[float, float]
    known: np.ndarray
    draws: np.ndarray
    coefficients: Coefficients | None
    new_scheduler: Callable[[], StockScheduler]


def make_plan(
    name: SchedulerName, config: Mapping[str, Any], num_inference_steps: int, strength: float | None
) -> Plan:
    """The plan of the scheduler that is made from `config`, a model's own; `strength` is None for text-to-image.

    Safe from any thread. Plans are kept and shared: nobody may write to one.
    Raises `ParamsError` where diffusers cannot: LCM and TCD beyond the steps that they were distilled from,
    DPM++ with Karras sigmas from noise on a model with zero terminal SNR (its rounded timesteps repeat), and a
    prediction type that a scheduler does not know.
    """
    begin = None
    if strength is not None:
        begin = num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)
    return _make_plan(name, json.dumps(config, sort_keys=True, default=str), num_inference_steps, begin)


@lru_cache(maxsize=PLANS)
def _make_plan(name: SchedulerName, config: str, num_inference_steps: int, begin: int | None) -> Plan:
    try:
        # Web threads come here too, and should not wake threads of torch that only the engine's has work for.
        with threads(1):
            stock = StockScheduler(name, json.loads(config), num_inference_steps, begin)
            return _take_plan(stock, from_image=begin is not None)
    except (ValueError, IndexError, NotImplementedError):
        told = gettext_noop("The scheduler {scheduler} cannot do {steps} steps with this model.")
        raise ParamsError("scheduler", told, scheduler=name, steps=num_inference_steps) from None


def _take_plan(prototype: StockScheduler, *, from_image: bool) -> Plan:
    # Some take half a second to be made, and none is long in copying.
    new_scheduler = partial(copy.deepcopy, prototype)
    stock = new_scheduler()
    from_noise = (0.0, float(stock.scheduler.init_noise_sigma))
    start = noised(stock, 0) if from_image else from_noise
    answers = probe(stock, blends=from_image)
    coefficients = tabulate(answers)
    return Plan(
        timesteps=stock.timesteps.float().numpy(),
        input_scale=np.array(answers.scales),
        start=start,
        start_from_noise=from_noise,
        known=np.array(answers.known),
        draws=np.array(answers.draws),
        coefficients=coefficients if follows(coefficients, new_scheduler(), sum(start)) else None,
        new_scheduler=new_scheduler,
    )
