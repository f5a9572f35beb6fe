"""Plans against the stock schedulers, called in the order of the stock pipelines."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from generation.engine.schedulers import make_scheduler
from generation.engine.solver import DEPTH, Plan, make_plan
from generation.params import ParamsError, SchedulerName

SHAPE = (1, 4, 4, 4)
SEED = 7
FEW = (1, 2, 4)
MANY = (20, 50)
TOLERANCE = 1e-4
# diffusers itself takes seconds to make these for many steps.
LONG_TO_MAKE = (SchedulerName.KDPM2, SchedulerName.LMS)

SD1: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "clip_sample": False,
}
ZERO_SNR = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "set_alpha_to_one": True}
CONFIGS: dict[str, dict[str, Any]] = {
    "sd1": SD1,
    "sd2": SD1 | {"prediction_type": "v_prediction"},
    "zero-snr": SD1 | ZERO_SNR | {"prediction_type": "v_prediction"},
    "sdxl": SD1 | {"timestep_spacing": "leading", "sample_max_value": 1.0},
}

Chain = list[np.ndarray]


def noises() -> Iterator[torch.Tensor]:
    """What the model says at each step."""
    source = torch.Generator().manual_seed(1)
    while True:
        yield torch.randn(SHAPE, generator=source)


def begin(scheduler: Any, steps: int, strength: float | None) -> torch.Tensor:
    """`get_timesteps` of the stock pipelines; the one for text-to-image leaves the scheduler alone."""
    scheduler.set_timesteps(steps)
    if strength is None:
        return scheduler.timesteps
    start = max(steps - min(int(steps * strength), steps), 0)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start * scheduler.order)
    return scheduler.timesteps[start * scheduler.order :]


def stock_chain(
    name: SchedulerName, config: Mapping[str, Any], steps: int, strength: float | None, blend: bool = False
) -> Chain:
    """The latents before, between and after the stock pipeline's steps; with `blend` half of it is put back."""
    scheduler = make_scheduler(name, config)
    timesteps = begin(scheduler, steps, strength)
    generator = torch.Generator().manual_seed(SEED)
    known = {"eta": 0.0, "generator": generator}
    kwargs = {key: known[key] for key in known if key in signature(scheduler.step).parameters}
    latent, noise = torch.randn(2, *SHAPE, generator=generator)
    image = latent
    if strength is None or (blend and strength == 1):
        latent = noise * scheduler.init_noise_sigma
    else:
        latent = scheduler.add_noise(image, noise, timesteps[:1])
    chain = [latent]
    for i, (t, said) in enumerate(zip(timesteps, noises(), strict=False)):
        seen = scheduler.scale_model_input(latent, t)
        latent = scheduler.step(said + 0.1 * seen, t, latent, return_dict=False, **kwargs)[0]
        if blend:
            kept = image
            if i < len(timesteps) - 1:
                kept = scheduler.add_noise(image, noise, torch.tensor([timesteps[i + 1]]))
            latent = torch.cat([latent[:, :2], kept[:, 2:]], dim=1)
        chain.append(latent)
    return [latent.double().numpy() for latent in chain]


def plan_chain(plan: Plan, blend: bool = False, forget: bool = False) -> Chain:
    """The same by the plan's numbers."""
    table = plan.coefficients
    assert table is not None
    generator = torch.Generator().manual_seed(SEED)
    image, noise = torch.randn(2, *SHAPE, generator=generator).double().numpy()
    alpha, sigma = plan.start_from_noise if forget else plan.start
    x, m, y = [alpha * image + sigma * noise], [], np.zeros(SHAPE)
    for k, (said, draws) in enumerate(zip(noises(), plan.draws, strict=False)):
        m.append(said.double().numpy() + 0.1 * plan.input_scale[k] * x[k])
        ages = range(min(k + 1, DEPTH))
        latent = table.carry[k] * y + sum(table.x[k, j] * x[k - j] + table.m[k, j] * m[k - j] for j in ages)
        y = table.carry_carry[k] * y + sum(
            table.carry_x[k, j] * x[k - j] + table.carry_m[k, j] * m[k - j] for j in ages
        )
        if draws:
            latent = latent + table.noise[k] * torch.randn(SHAPE, generator=generator).double().numpy()
        if blend:
            kept = plan.known[k, 0] * image + plan.known[k, 1] * noise
            latent = np.concatenate([latent[:, :2], kept[:, 2:]], axis=1)
        x.append(latent)
    return x


def worst(ours: Chain, theirs: Chain) -> float:
    """The largest difference, relative to the loudest latent so far: float32's rounding is carried along."""
    assert len(ours) == len(theirs)
    differences = [np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True)]
    return float(max(differences / np.maximum.accumulate([np.abs(b).max() for b in theirs])))


def cannot(name: SchedulerName, config: str, steps: int, strength: float | None) -> bool:
    """The one combination of these that diffusers itself fails at."""
    return (name, config, steps, strength) == (SchedulerName.DPMPP_2M_KARRAS, "zero-snr", 50, None)


@pytest.mark.parametrize("several", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", list(SchedulerName))
def test_every_plan_makes_the_stock_schedulers_latents(
    name: SchedulerName, config: str, several: tuple[int, ...]
) -> None:
    for steps, strength in product(several, (None, 0.5, 1.0)):
        if strength is not None and steps * strength < 1:
            continue
        if name in LONG_TO_MAKE and config != "sd1" and steps == max(MANY):
            continue
        if cannot(name, config, steps, strength):
            with pytest.raises(ParamsError, match=name):
                make_plan(name, CONFIGS[config], steps, strength)
            continue
        plan = make_plan(name, CONFIGS[config], steps, strength)
        theirs = stock_chain(name, CONFIGS[config], steps, strength)
        assert worst(plan_chain(plan), theirs) < TOLERANCE, (steps, strength)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", list(SchedulerName))
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_inpainting_starts_and_blends_as_the_stock_pipeline(
    name: SchedulerName, config: str, strength: float
) -> None:
    plan = make_plan(name, CONFIGS[config], 6, strength)
    theirs = stock_chain(name, CONFIGS[config], 6, strength, blend=True)
    assert worst(plan_chain(plan, blend=True, forget=strength == 1), theirs) < TOLERANCE
    assert tuple(plan.known[-1]) == (1, 0)


@pytest.mark.parametrize("strength", [None, 0.5])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        (SchedulerName.DDIM, {"clip_sample": True}),
        (SchedulerName.DDPM, {"clip_sample": True}),
        (SchedulerName.DDIM, {"thresholding": True}),
        (SchedulerName.LCM, {"clip_sample": True}),
        (SchedulerName.HEUN, {"clip_sample": True}),
        (SchedulerName.UNIPC, {"thresholding": True}),
        (SchedulerName.DPMPP_2M_SDE, {"thresholding": True}),
    ],
)
def test_what_is_not_linear_steps_with_a_stock_scheduler(
    name: SchedulerName, change: dict[str, Any], strength: float | None
) -> None:
    plan = make_plan(name, SD1 | change, 6, strength)
    assert plan.coefficients is None
    generator = torch.Generator().manual_seed(SEED)
    image, noise = torch.randn(2, *SHAPE, generator=generator)
    scheduler = plan.new_scheduler()
    x = [plan.start[0] * image + plan.start[1] * noise]
    for k, said in zip(range(len(plan.timesteps)), noises(), strict=False):
        output = said + 0.1 * float(plan.input_scale[k]) * x[k]
        x.append(scheduler.step(k, output, x[k], generator))
    theirs = stock_chain(name, SD1 | change, 6, strength)
    assert worst([latent.double().numpy() for latent in x], theirs) < TOLERANCE


def test_a_config_that_says_nothing_of_clipping_clips() -> None:
    config = {key: value for key, value in SD1.items() if key != "clip_sample"}
    assert make_plan(SchedulerName.DDIM, config, 6, None).coefficients is None
    assert make_plan(SchedulerName.EULER, config, 6, None).coefficients is not None


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [
        (SchedulerName.EULER, 20),
        (SchedulerName.PNDM, 21),
        (SchedulerName.HEUN, 39),
        (SchedulerName.KDPM2, 39),
    ],
)
def test_a_plan_is_as_long_as_the_unet_is_called(name: SchedulerName, evaluations: int) -> None:
    plan = make_plan(name, SD1, 20, None)
    assert plan.timesteps.shape == plan.input_scale.shape == plan.draws.shape == (evaluations,)
    assert plan.known.shape == (evaluations, 2)
    assert plan.timesteps.dtype == np.float32


def test_only_unipc_carries() -> None:
    plans = {name: make_plan(name, SD1, 4, None) for name in SchedulerName}
    carrying = [name for name, plan in plans.items() if plan.coefficients and plan.coefficients.has_carry]
    assert carrying == [SchedulerName.UNIPC]


def test_who_draws() -> None:
    draws = {name: make_plan(name, SD1, 4, None).draws.sum() for name in SchedulerName}
    assert {name: count for name, count in draws.items() if count} == {
        SchedulerName.DDPM: 4,
        SchedulerName.EULER_ANCESTRAL: 4,
        SchedulerName.DPMPP_2M_SDE: 4,
        SchedulerName.LCM: 3,
    }


@pytest.mark.parametrize(
    ("name", "config", "steps"),
    [
        (SchedulerName.LCM, SD1, 51),
        (SchedulerName.TCD, SD1, 150),
        (SchedulerName.DPMPP_2M_KARRAS, CONFIGS["zero-snr"], 50),
        (SchedulerName.PNDM, SD1 | {"prediction_type": "sample"}, 4),
        (SchedulerName.KDPM2, SD1 | {"prediction_type": "sample"}, 4),
    ],
)
def test_what_diffusers_cannot_do_is_refused_by_name(
    name: SchedulerName, config: dict[str, Any], steps: int
) -> None:
    with pytest.raises(ParamsError, match=name) as refusal:
        make_plan(name, config, steps, None)
    assert refusal.value.field == "scheduler"


def test_plans_are_kept_for_all_strengths_that_leave_the_same_steps() -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: make_plan(SchedulerName.UNIPC, SD1, 9, 0.5), range(8)))
    kept = make_plan(SchedulerName.UNIPC, SD1, 9, 0.5)
    assert make_plan(SchedulerName.UNIPC, dict(SD1), 9, 0.51) is kept
    assert make_plan(SchedulerName.UNIPC, SD1, 9, 1.0) is not kept


def test_probing_leaves_torchs_own_random_numbers_alone() -> None:
    before = torch.get_rng_state()
    make_plan(SchedulerName.DPMPP_2M_SDE, SD1, 11, None)
    make_plan(SchedulerName.DDPM, SD1, 11, 0.5)
    assert torch.equal(before, torch.get_rng_state())
