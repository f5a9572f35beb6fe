"""The measurements of the queue by name, and how each is called."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

from generation.benchmark.queueing import added, overload, pair, reads, scaling, submits
from generation.benchmark.queueing.figures import Row

# What only many processes have is left out where there is no broker.
OF_MANY = ("scaling", "pair")
LOADS = ("submits", "reads", "added", "overload", *OF_MANY)


def measure(root: Path, loads: Sequence[str], seconds: float, repetitions: int) -> Iterator[tuple[str, Row]]:
    """The rows of each, with its name."""
    for name in loads:
        if name in OF_MANY and not settings.MANY_MACHINES:
            continue
        for row in _rows(name, root, seconds, repetitions):
            yield name, row


def _rows(name: str, root: Path, seconds: float, repetitions: int) -> Iterator[Row]:
    match name:
        case "submits":
            return submits.measure(root, seconds, repetitions)
        case "reads":
            return reads.measure(root, seconds, repetitions)
        case "added":
            return added.measure(root, repetitions)
        case "overload":
            return overload.measure(root, seconds, repetitions)
        case "scaling":
            return scaling.measure(root, repetitions)
        case _:
            return pair.measure(root, seconds, repetitions)
