"""A member's last latent on its way to a checked picture."""

from typing import Any

import numpy as np
import torch

from generation.engine.errors import InvalidOutput
from generation.engine.families import Family
from generation.engine.fetch import Fetch


class Picture:
    """Decoding was begun; `ready` says whether `array` would not have to wait."""

    def __init__(self, family: Family, latent: torch.Tensor) -> None:
        self._family = family
        pixels = family.decode(latent)
        self._finite = Fetch(torch.isfinite(pixels).all())
        self._pixels = Fetch(family.to_bytes(pixels))

    def ready(self) -> bool:
        return self._pixels.ready()

    def array(self) -> np.ndarray[Any, Any]:
        """uint8 [H, W, 3]. Raises `InvalidOutput` or `ContentBlocked` for what is not to be delivered.

        A decoder that overflows gives NaN, which would be cast to a silent black picture.
        """
        if not self._finite.array().all():
            raise InvalidOutput("The model gave values that are not finite.")
        picture = self._pixels.array()
        if (np.ptp(picture, axis=(0, 1)) == 0).all():
            raise InvalidOutput("The model gave a picture of a single colour.")
        self._family.check_safety(picture)
        return picture
