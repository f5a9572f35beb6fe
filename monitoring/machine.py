"""The machine and this process, as psutil sees them. Sizes are bytes; rates are since the last look."""

import os
import time
from dataclasses import dataclass
from threading import Lock

import psutil
from django.conf import settings

_self = psutil.Process()


class Processors:
    """How busy they were since the last look. psutil's own would be that of the thread that asks, which is another one
    every time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._before = self._times()
        self._percent = 0.0

    def percent(self) -> float:
        with self._lock:
            before, now = self._before, self._times()
            passed = now[1] - before[1]
            if passed > 0:
                self._before = now
                self._percent = round(min(100.0, max(0.0, 100 * (now[0] - before[0]) / passed)), 1)
            return self._percent

    def _times(self) -> tuple[float, float]:
        """Of all processors: seconds that they were busy, and all seconds."""
        times = psutil.cpu_times()
        # Those of guests are in those of the host already.
        passed = sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)
        return passed - times.idle - getattr(times, "iowait", 0), passed


processors = Processors()


@dataclass(frozen=True, slots=True)
class Memory:
    total: int
    used: int
    available: int


@dataclass(frozen=True, slots=True)
class Swap:
    total: int
    used: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the data lie. What was read and written is of all disks, since the machine's start."""

    total: int
    used: int
    free: int
    read: int | None
    written: int | None


@dataclass(frozen=True, slots=True)
class Network:
    """Since the machine's start."""

    received: int
    sent: int


@dataclass(frozen=True, slots=True)
class Machine:
    """`cpu` is in percent of all processors, `load` the averages over 1, 5 and 15 minutes."""

    cpu: float
    processors: int
    load: tuple[float, float, float]
    memory: Memory
    swap: Swap
    disk: Disk
    network: Network
    uptime: int


@dataclass(frozen=True, slots=True)
class Process:
    """`cpu` is in percent of one processor."""

    pid: int
    cpu: float
    memory: int
    threads: int
    open_files: int
    uptime: int


def machine() -> Machine:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    disk, moved = psutil.disk_usage(str(settings.DATA_DIR)), psutil.disk_io_counters()
    network = psutil.net_io_counters()
    return Machine(
        cpu=processors.percent(),
        processors=psutil.cpu_count() or 1,
        load=psutil.getloadavg(),
        memory=Memory(memory.total, memory.used, memory.available),
        swap=Swap(swap.total, swap.used),
        disk=Disk(
            disk.total,
            disk.used,
            disk.free,
            moved.read_bytes if moved else None,
            moved.write_bytes if moved else None,
        ),
        network=Network(network.bytes_recv, network.bytes_sent),
        uptime=int(time.time() - psutil.boot_time()),
    )


def process() -> Process:
    return Process(
        pid=os.getpid(),
        cpu=_self.cpu_percent(),
        memory=_self.memory_info().rss,
        threads=_self.num_threads(),
        open_files=_self.num_fds() if hasattr(_self, "num_fds") else len(_self.open_files()),
        uptime=int(time.time() - _self.create_time()),
    )
