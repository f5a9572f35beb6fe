"""A member's part of a tick: where its latents lie, what its rows are told, and which sums its next latent is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from generation.engine.rack import CARRY, NOISE, latent_slot, output_slot
from generation.engine.schedulers import StockScheduler
from generation.engine.solver import DEPTH, Plan

Row = Mapping[str, torch.Tensor]
# (slot, coefficient) of each term of a sum.
Terms = tuple[tuple[int, float], ...]


@dataclass(eq=False, slots=True, kw_only=True)
class State:
    """A member's part of a tick.

    `base` is its place in the rack, `rows` what the denoiser is told ([negative,] positive), `generator` where
    its noise comes from. `extra` [1, E, h, w] is what an inpainting UNet sees beside the latent; `blended` says
    that the image is put back outside the mask after each step; `scheduler` steps where no table can.
    """

    plan: Plan
    base: int
    rows: Sequence[Row]
    guidance: float
    generator: torch.Generator
    extra: torch.Tensor | None = None
    blended: bool = False
    scheduler: StockScheduler | None = None

    def terms(self, step: int) -> Terms:
        return _terms(self.plan)[step][0]

    def carry_terms(self, step: int) -> Terms:
        return _terms(self.plan)[step][1]


@lru_cache(maxsize=512)
def _terms(plan: Plan) -> list[tuple[Terms, Terms]]:
    """For each step what x_(k+1), and for UniPC the carried latent, are sums of."""
    table, steps = plan.coefficients, range(len(plan.timesteps))
    if table is None:
        return [((), ()) for _ in steps]
    return [
        (
            _sum(step, table.x, table.m, table.carry[step], table.noise[step]),
            _sum(step, table.carry_x, table.carry_m, table.carry_carry[step], 0.0),
        )
        for step in steps
    ]


def _sum(step: int, x: np.ndarray, m: np.ndarray, carry: float, noise: float) -> Terms:
    ages = range(min(step + 1, DEPTH))
    terms = [(latent_slot(step - age), x[step, age]) for age in ages]
    terms += [(output_slot(step - age), m[step, age]) for age in ages]
    terms += [(CARRY, carry), (NOISE, noise)]
    return tuple((slot, float(coefficient)) for slot, coefficient in terms if coefficient)
