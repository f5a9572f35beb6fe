"""CUDA graphs: a UNet call recorded once for each bucket and shape, and replayed without a launch per kernel."""

import logging
from collections.abc import Callable
from typing import Any

import torch

logger = logging.getLogger(__name__)

# Above so many rows the kernels are long enough to hide their launches, and graphs only cost memory.
MOST_ROWS = 16
WARM_UPS = 3


class _Recording:
    """A graph with the tensors that it reads and writes."""

    def __init__(self, call: Callable[..., torch.Tensor], inputs: dict[str, torch.Tensor], pool: Any) -> None:
        self._inputs = {name: tensor.clone() for name, tensor in inputs.items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UPS):
                call(**self._inputs)
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, pool=pool):
            self._output = call(**self._inputs)

    def replay(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        for name, tensor in inputs.items():
            self._inputs[name].copy_(tensor)
        self._graph.replay()
        return self._output


class Graphs:
    """Calls `call` by graphs that share one memory pool. The output is overwritten by the next call."""

    def __init__(self, call: Callable[..., torch.Tensor]) -> None:
        self._call = call
        self._pool = torch.cuda.graph_pool_handle()
        self._recordings: dict[tuple[torch.Size, ...], _Recording | None] = {}

    def __call__(self, **inputs: torch.Tensor) -> torch.Tensor:
        if len(inputs["sample"]) > MOST_ROWS:
            return self._call(**inputs)
        shapes = tuple(tensor.shape for tensor in inputs.values())
        if shapes not in self._recordings:
            self._recordings[shapes] = self._record(inputs)
        recording = self._recordings[shapes]
        return recording.replay(inputs) if recording else self._call(**inputs)

    def _record(self, inputs: dict[str, torch.Tensor]) -> _Recording | None:
        try:
            return _Recording(self._call, inputs, self._pool)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            logger.warning("no CUDA graph for %d rows: %s", len(inputs["sample"]), error)
            return None
