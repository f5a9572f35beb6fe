"""What a linear scheduler does to a latent, as a table with a row for each step."""

from collections import deque
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from generation.engine.probe import Answers, drawn
from generation.engine.schedulers import StockScheduler

DEPTH = 5

# The path that a table has to prove itself on. It is loud, so that clipping would show.
PATH_SHAPE = (1, 4, 4, 4)
LOUDNESS = 3.0
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coefficients:
    """Step `k` makes the next latent of latents `x`, guided outputs of the model `m` and a drawn noise `n`:

        x_(k+1) = sum_j x[k, j] * x_(k-j) + sum_j m[k, j] * m_(k-j) + carry[k] * y_(k-1) + noise[k] * n_k
        y_k     = sum_j carry_x[k, j] * x_(k-j) + sum_j carry_m[k, j] * m_(k-j) + carry_carry[k] * y_(k-1)

    with ages `j < DEPTH`; `y` is the corrected latent that UniPC, and nobody else, hands on beside `x`. All are
    float64, the sums' `[K, DEPTH]`, the others `[K]`, and 0 for whatever lies before the first step.
    """

    x: np.ndarray
    m: np.ndarray
    carry: np.ndarray
    noise: np.ndarray
    carry_x: np.ndarray
    carry_m: np.ndarray
    carry_carry: np.ndarray
    has_carry: bool


def tabulate(answers: Answers) -> Coefficients:
    latents = np.array(answers.latents)
    carried = np.array(answers.carried) if answers.carried else np.zeros_like(latents)
    x, m, carry = _by_age(latents)
    carry_x, carry_m, carry_carry = _by_age(carried)
    return Coefficients(
        x=x[:, :DEPTH],
        m=m[:, :DEPTH],
        # Where nothing is carried this is what rounding left of the noise.
        carry=carry[:, 1] if answers.carried else np.zeros(len(carry)),
        noise=latents[:, -1],
        carry_x=carry_x[:, :DEPTH],
        carry_m=carry_m[:, :DEPTH],
        carry_carry=carry_carry[:, 1],
        has_carry=bool(answers.carried),
    )


def _by_age(answers: np.ndarray) -> np.ndarray:
    """`[K, 3 * K + 1]`, a column for each thing that was asked about, to `[3, K, DEPTH]`, one for each age."""
    count = len(answers)
    squares = answers[:, :-1].reshape(count, 3, count)
    table = np.zeros((3, count, DEPTH))
    for age in range(min(DEPTH, count)):
        table[:, age:, age] = np.diagonal(squares, -age, axis1=0, axis2=2)
    return table


def follows(table: Coefficients, stock: StockScheduler, loudness: float) -> bool:
    """Whether the table stays with a fresh `stock` on a random path that begins as loud as its latents do.

    Half of the latent is replaced after each step, as inpainting does: memory of more than what the steps were
    given would show there. Errors are relative to the louder of a step's two latents, since schedulers that
    reckon in float32 round the difference of two loud numbers: from sigma 4096, with zero terminal SNR.
    """
    source, generator = torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)
    random = partial(torch.randn, PATH_SHAPE, generator=source, dtype=torch.float64)
    path = _Path(table)
    latent = LOUDNESS * loudness * random()
    for index in range(len(stock.timesteps)):
        output = LOUDNESS * random()
        stock.scale(index, latent)
        before = generator.get_state()
        following = stock.step(index, output, latent, generator)
        error = path.step(latent, output, drawn(before, generator, latent)) - following
        loudest = torch.maximum(latent.abs().max(), following.abs().max())
        if not error.abs().max() <= TOLERANCE * loudest:
            return False
        latent = torch.cat([following[:, :2], (following.std() * random())[:, 2:]], dim=1)
    return True


class _Path:
    def __init__(self, table: Coefficients) -> None:
        self._table = table
        self._latents: deque[torch.Tensor] = deque(maxlen=DEPTH)
        self._outputs: deque[torch.Tensor] = deque(maxlen=DEPTH)
        self._carried = torch.zeros(PATH_SHAPE, dtype=torch.float64)
        self._index = 0

    def step(self, latent: torch.Tensor, output: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        self._latents.appendleft(latent)
        self._outputs.appendleft(output)
        table, index = self._table, self._index
        following = self._sum(table.x[index], table.m[index], table.carry[index])
        self._carried = self._sum(table.carry_x[index], table.carry_m[index], table.carry_carry[index])
        self._index += 1
        return following if noise is None else following + table.noise[index] * noise

    def _sum(self, x: np.ndarray, m: np.ndarray, carry: float) -> torch.Tensor:
        terms = [*zip(x, self._latents, strict=False), *zip(m, self._outputs, strict=False)]
        return sum((factor * term for factor, term in terms), carry * self._carried)
