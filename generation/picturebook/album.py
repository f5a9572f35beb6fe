"""The training pictures: thousands of rendered scenes, held in memory."""

import random
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from tqdm import tqdm

from generation.picturebook.world import SIZE, TRAINED, Scene, render

LATENT = SIZE // 8


@dataclass(frozen=True)
class Album:
    """`pictures`: uint8 (N, 3, 128, 128). `masks`: float (N, 1, 16, 16), the thing's share of each cell."""

    scenes: tuple[Scene, ...]
    pictures: torch.Tensor
    masks: torch.Tensor

    @classmethod
    def draw(cls, count: int, seed: int) -> Self:
        """Draw `count` scenes, each trained-on scene equally often."""
        rng = random.Random(seed)
        scenes = tuple(TRAINED[index % len(TRAINED)] for index in range(count))
        pictures = np.empty((count, SIZE, SIZE, 3), np.uint8)
        masks = np.empty((count, SIZE, SIZE), np.uint8)
        for index, scene in enumerate(tqdm(scenes, desc="pictures")):
            picture = render(scene, rng)
            pictures[index], masks[index] = np.asarray(picture.image), np.asarray(picture.mask)
        cells = torch.from_numpy(masks).unfold(1, 8, 8).unfold(2, 8, 8).float().mean((-2, -1)) / 255
        return cls(scenes, torch.from_numpy(pictures).permute(0, 3, 1, 2), cells[:, None])

    def batch(self, indices: torch.Tensor) -> torch.Tensor:
        """Pictures as the autoencoder wants them: float (B, 3, 128, 128) in -1..1."""
        return self.pictures[indices].float() / 127.5 - 1
