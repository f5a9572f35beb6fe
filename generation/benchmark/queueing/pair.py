"""Whether two workers on the cores of one machine draw as much as one that has all of them: the engine itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.benchmark.load import closed_loop
from generation.benchmark.mixes import MixName, jobs
from generation.benchmark.queueing.asking import wait_for_workers
from generation.benchmark.queueing.figures import Row, machine_load
from generation.benchmark.server import running

CLIENTS = 16
# Measured by two at once, it would be less than pays.
ROWS = "24"


def measure(root: Path, seconds: float, repetitions: int) -> Iterator[Row]:
    """Pictures a second of closed loops. The threads are shared out, so that both have as many."""
    cores = os.cpu_count() or 1
    with TemporaryDirectory(prefix="benchmark-models-") as cache:
        for workers in [number for _ in range(repetitions) for number in (1, 2)]:
            threads = max(1, cores // workers)
            settings = {"SD_THREADS": str(threads), "SD_MAX_ROWS": ROWS}
            with running(root, settings, Path(cache), workers) as server:
                server.wait_until_ready()
                wait_for_workers(server, workers)
                model, before = server.model(), machine_load()
                streams = [jobs(MixName.A, model, client) for client in range(CLIENTS)]
                run = closed_loop(server.target, streams, seconds)
            yield {
                "workers": workers,
                "threads each": threads,
                "pictures/s": round(run.rate(), 2),
                "failed": run.failures(),
                "load": before,
            }
