"""Asks a stock scheduler what each of its steps does, by giving it a single 1 at a time.

A step gets a *free* latent and a free output of the model, not those of a chain, so that its answer shows this
step's coefficients alone. One batch holds a 1 for every latent, every output and every carried latent, each in
an element of its own; the last element stays 0 and shows the noise.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from generation.engine.schedulers import StockScheduler

SHAPE = (-1, 1, 1, 1)
IMAGE, NOISE = torch.eye(2, dtype=torch.float64).view(2, *SHAPE)


@dataclass(slots=True)
class Answers:
    """What was seen, an entry for each of the `K` steps.

    `latents` and `carried` (of UniPC, which alone carries) hold float64 `[3 * K + 1]`: what a 1 in each latent, each
    output and each carried latent makes of the result, and last what a drawn 1 makes of it. `draws` says which
    steps draw. `known` is `(alpha, sigma)` of the image that inpainting puts back after the step.
    """

    scales: list[float] = field(default_factory=list)
    latents: list[np.ndarray] = field(default_factory=list)
    carried: list[np.ndarray] = field(default_factory=list)
    draws: list[bool] = field(default_factory=list)
    known: list[tuple[float, float]] = field(default_factory=list)


def probe(stock: StockScheduler, blends: bool) -> Answers:
    """Take `stock` through all its steps. Without `blends`, as for text-to-image, `known` is left at (1, 0).

    Raises what the scheduler raises.
    """
    answers = Answers()
    count = len(stock.timesteps)
    ones = torch.eye(3 * count + 1, dtype=torch.float64).view(-1, 3 * count + 1, 1, 1, 1)
    generator = torch.Generator().manual_seed(0)
    for index in range(count):
        answers.scales.append(stock.scale(index, torch.ones_like(IMAGE)).mean().item())
        before = generator.get_state()
        latent = stock.step(index, ones[count + index], ones[index], generator)
        noise = drawn(before, generator, latent)
        answers.latents.append(_coefficients(latent, noise))
        answers.draws.append(noise is not None)
        if stock.carries:
            answers.carried.append(_coefficients(stock.exchange(ones[2 * count + index]), None))
        answers.known.append(noised(stock, index + 1) if blends and index + 1 < count else (1.0, 0.0))
    return answers


def noised(stock: StockScheduler, index: int) -> tuple[float, float]:
    """What the scheduler's `add_noise` for step `index` makes of an image and of noise."""
    alpha, sigma = stock.add_noise(index, IMAGE, NOISE).flatten().tolist()
    return alpha, sigma


def drawn(before: torch.Tensor, generator: torch.Generator, like: torch.Tensor) -> torch.Tensor | None:
    """The one draw in `like`'s shape that was taken since `generator` had the state `before`; None for none."""
    for dtype in (torch.float64, torch.float32):
        twin = torch.Generator()
        twin.set_state(before)
        noise = torch.randn(like.shape, generator=twin, dtype=dtype)
        if torch.equal(twin.get_state(), generator.get_state()):
            return noise.double()
    return None


def _coefficients(answer: torch.Tensor, noise: torch.Tensor | None) -> np.ndarray:
    """The noise is in every element: what the last one shows is taken out of the others."""
    row = answer.flatten().double().numpy().copy()
    if noise is not None:
        draw = noise.flatten().numpy()
        factor = row[-1] / draw[-1]
        row -= factor * draw
        row[-1] = factor
    return row
