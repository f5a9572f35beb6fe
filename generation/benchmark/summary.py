"""What many timings come to: medians, quartiles, percentiles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some values, and their first and third quartile."""

    median: float
    low: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    """Raises `ValueError` where there is no value."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("There is nothing to summarise.")
    low, _, high = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return Spread(median(ordered), low, high)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of a hundred do not exceed (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("There is nothing to summarise.")
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
