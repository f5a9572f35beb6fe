"""How one UNet call for a bucket of rows runs. Callers never know which way it was."""

import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Protocol

import torch

from generation.engine.config import EngineConfig, ExecutorName
from generation.engine.example import example
from generation.engine.families import Family
from generation.engine.graphs import Graphs
from generation.engine.openvino import OpenVinoExecutor
from generation.engine.paying import most_paying
from generation.engine.threads import threads

logger = logging.getLogger(__name__)

Rows = Mapping[str, torch.Tensor]

# Rows that pay on a CPU, as long as nobody has measured.
CPU_CAP = 8
# torch.compile makes a version for each bucket and shape.
COMPILED_VERSIONS = 64


class Executor(Protocol):
    """`native_cap` is the number of rows that pay at the model's native size."""

    native_cap: int

    def __call__(self, sample: torch.Tensor, timesteps: torch.Tensor, rows: Rows) -> torch.Tensor:
        """The UNet's output, float32 [R, C, h, w], of a sample float32 [R, C', h, w], timesteps [R] and rows [R, …].

        What it returns may be overwritten by the next call.
        """

    def close(self) -> None: ...


def make_executor(family: Family, config: EngineConfig) -> Executor:
    """The executor that the configuration asks for; `auto` is OpenVINO on a CPU, and torch elsewhere."""
    on_cpu = family.device.type == "cpu"
    torch_executor = TorchExecutor(family, compiled=config.executor is ExecutorName.COMPILED)
    wanted = config.executor is ExecutorName.OPENVINO
    if on_cpu and config.cache_dir is not None and (wanted or config.executor is ExecutorName.AUTO):
        torch_executor.native_cap = config.max_rows or CPU_CAP
        return OpenVinoExecutor(family, config, torch_executor)
    torch_executor.native_cap = config.max_rows or measure_cap(torch_executor, family, config.buckets)
    return torch_executor


class TorchExecutor:
    """Torch, eager or compiled; on a GPU each bucket is recorded once as a CUDA graph."""

    def __init__(self, family: Family, *, compiled: bool) -> None:
        self.native_cap = CPU_CAP
        self._threads = torch.get_num_threads()
        self._call: Callable[..., torch.Tensor] = family.denoiser
        if compiled:
            torch._dynamo.config.recompile_limit = COMPILED_VERSIONS
            family.compile()
        if family.device.type == "cuda":
            self._call = Graphs(family.denoiser)

    def __call__(self, sample: torch.Tensor, timesteps: torch.Tensor, rows: Rows) -> torch.Tensor:
        with threads(self._threads):
            return self._call(sample=sample, timestep=timesteps, **rows)

    def close(self) -> None:
        """Nothing outlives it."""


def measure_cap(executor: Executor, family: Family, buckets: Sequence[int]) -> int:
    """The bucket from which on more rows do not make a row cheaper. Runs the UNet at its native size."""

    def prepare(bucket: int) -> Callable[[], None]:
        sample, timesteps, rows = example(family, bucket)

        def run() -> None:
            try:
                executor(sample, timesteps, rows)
                if family.device.type == "cuda":
                    torch.cuda.synchronize()
            except torch.OutOfMemoryError as error:
                raise MemoryError from error

        return run

    with torch.inference_mode():
        cap = most_paying(buckets, prepare, perf_counter)
    logger.info("up to %d rows a tick pay", cap)
    return cap
