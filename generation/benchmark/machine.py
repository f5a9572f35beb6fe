"""The machine and the versions that a measurement was made with."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import psutil
import torch

PACKAGES = ("torch", "openvino", "diffusers", "transformers", "Django", "gunicorn", "pillow")

# Large enough for a GPU to show what it can.
MATRIX = 8192
PRODUCTS = 20


def describe() -> dict[str, str]:
    facts = {
        "processor": _processor(),
        "cores": str(_cores()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
    return facts | {name: version(name) for name in PACKAGES}


def peak_flops(dtype: torch.dtype) -> float:
    """Floating-point operations a second of a large matrix product on the GPU."""
    left, right = torch.randn(2, MATRIX, MATRIX, device="cuda", dtype=dtype)
    left @ right
    torch.cuda.synchronize()
    start = perf_counter()
    for _ in range(PRODUCTS):
        left @ right
    torch.cuda.synchronize()
    return PRODUCTS * 2 * MATRIX**3 / (perf_counter() - start)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
