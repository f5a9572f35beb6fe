"""The GPUs of this machine, as NVIDIA's driver tells of them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pynvml


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory in bytes, shares in percent, degrees Celsius, watts. None where a card does not say."""

    name: str
    utilization: int | None
    memory_total: int | None
    memory_used: int | None
    temperature: int | None
    power: float | None
    processes: int | None


def gpus() -> list[Gpu]:
    """None of them where there is no driver. Raises `pynvml.NVMLError` where one is, and has lost its card."""
    try:
        pynvml.nvmlInit()
    except (pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError_DriverNotLoaded):
        return []
    return [_gpu(pynvml.nvmlDeviceGetHandleByIndex(index)) for index in range(pynvml.nvmlDeviceGetCount())]


def _gpu(handle: Any) -> Gpu:
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    utilization = _asked(pynvml.nvmlDeviceGetUtilizationRates, handle)
    power = _asked(pynvml.nvmlDeviceGetPowerUsage, handle)
    processes = _asked(pynvml.nvmlDeviceGetComputeRunningProcesses, handle)
    return Gpu(
        name=str(pynvml.nvmlDeviceGetName(handle)),
        utilization=utilization.gpu if utilization else None,
        memory_total=memory.total,
        memory_used=memory.used,
        temperature=_asked(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        power=None if power is None else power / 1000,
        processes=None if processes is None else len(processes),
    )


def _asked(function: Callable[..., Any], *args: Any) -> Any:
    """Not every card says everything."""
    with suppress(pynvml.NVMLError_NotSupported, pynvml.NVMLError_NoPermission):
        return function(*args)
    return None
