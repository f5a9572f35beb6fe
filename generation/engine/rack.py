"""Where the latents of the members lie: one tensor for all members of a shape, each with a place of its own."""

import torch

from generation.engine.coefficients import DEPTH

# The slots of a place. Latents and model outputs of the last steps take turns in a ring each.
LATENT = 0
OUTPUT = DEPTH
CARRY = 2 * DEPTH
NOISE = CARRY + 1
IMAGE = CARRY + 2
START_NOISE = CARRY + 3
MASK = CARRY + 4
SLOTS = CARRY + 5

FIRST_PLACES = 8


def latent_slot(step: int) -> int:
    """The slot of x_k, the latent before step `k`."""
    return LATENT + step % DEPTH


def output_slot(step: int) -> int:
    """The slot of m_k, the model's output at step `k`."""
    return OUTPUT + step % DEPTH


class Rack:
    """`flat` is float32 [places * SLOTS, C * h * w] on the device; it grows as members come."""

    def __init__(self, shape: tuple[int, int, int], device: torch.device) -> None:
        self.shape = shape
        self._size = shape[0] * shape[1] * shape[2]
        self.flat = torch.zeros(FIRST_PLACES * SLOTS, self._size, device=device)
        self._free = list(range(FIRST_PLACES))

    def take(self) -> int:
        """A free place, empty, as the index of its first slot."""
        if not self._free:
            self._grow()
        base = self._free.pop() * SLOTS
        self.flat[base : base + SLOTS].zero_()
        return base

    def give_back(self, base: int) -> None:
        self._free.append(base // SLOTS)

    def read(self, index: int) -> torch.Tensor:
        """The latent [1, C, h, w] at a slot."""
        return self.flat[index].view(1, *self.shape)

    def write(self, index: int, latent: torch.Tensor) -> None:
        self.flat[index].copy_(latent.expand(1, *self.shape).reshape(-1))

    def _grow(self) -> None:
        places = len(self.flat) // SLOTS
        self.flat = torch.cat([self.flat, torch.zeros_like(self.flat)])
        self._free.extend(range(places, 2 * places))
