"""What the latents are: the principal components of a picture's 8x8 pixel cells.

Left alone, a small autoencoder learns the colours of small things last. So its latents are not left to it:
each cell's first components are its mean colour and how that changes across it. The decoder sees colours from
the first step on, the painter learns them early, and neither has to wait for the other.
"""

import torch
from torch.nn import functional

from generation.picturebook.album import LATENT, Album

CHANNELS = 8
CELL = 8


class Cells:
    """Principal components of 8x8 pixel cells, by variance, each divided by the root of its deviation.

    The root keeps the order, so that colours are decided on before details, without drowning the details.
    """

    def __init__(self, album: Album, pictures: int = 1500) -> None:
        cells = self._cells(album.batch(torch.arange(min(pictures, len(album.scenes)))))
        self._mean = cells.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((cells - self._mean).T))
        deviations = values[-CHANNELS:].flip(0).clamp(min=1e-6).sqrt()
        self._basis = vectors[:, -CHANNELS:].flip(1) / deviations.sqrt()
        self.scaling_factor = round(1 / ((cells - self._mean) @ self._basis).std().item(), 5)

    @staticmethod
    def _cells(pictures: torch.Tensor) -> torch.Tensor:
        return functional.unfold(pictures, CELL, stride=CELL).transpose(1, 2).reshape(-1, 3 * CELL * CELL)

    def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
        """The latents of `pictures` (B, 3, 128, 128), not scaled: (B, 8, 16, 16)."""
        components = (self._cells(pictures) - self._mean) @ self._basis
        return components.reshape(len(pictures), LATENT, LATENT, CHANNELS).permute(0, 3, 1, 2)

    def of_album(self, album: Album) -> torch.Tensor:
        """The latents of all pictures, scaled to unit deviation: (N, 8, 16, 16)."""
        parts = torch.arange(len(album.scenes)).split(256)
        return torch.cat([self(album.batch(part)) for part in parts]) * self.scaling_factor
