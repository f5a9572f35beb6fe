"""A result on its way from the device, so that the engine's thread need not stand and wait for it."""

from typing import Any

import numpy as np
import torch


class Fetch:
    """Copies a tensor to the CPU. `ready` never waits; `array` does where it has to."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self._event: torch.cuda.Event | None = None
        self._copy = tensor
        if tensor.device.type == "cuda":
            self._copy = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._copy.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()

    def ready(self) -> bool:
        return self._event is None or self._event.query()

    def array(self) -> np.ndarray[Any, Any]:
        if self._event is not None:
            self._event.synchronize()
        return self._copy.cpu().numpy()
