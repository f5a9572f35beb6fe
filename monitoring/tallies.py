"""Counts of many processes as one: each notes its own, and whoever is asked adds them up.

Tallies are what a registry of Prometheus's has counted, as plain values: by family, what each of its series stands at.
"""

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.samples import Sample

from generation.work.counts import registry

# A series: its name, its labels, and what it stands at.
Series = list[tuple[str, dict[str, str], float]]
Tallies = dict[str, Series]


def own() -> Tallies:
    """Of this process, since its start."""
    return {family.name: _series(family.samples) for family in registry.collect()}


def _series(samples: Iterable[Sample]) -> Series:
    return [(sample.name, sample.labels, sample.value) for sample in samples]


def total(all_tallies: Iterable[Tallies]) -> Tallies:
    """The sum, series by series."""
    sums: dict[str, dict[tuple[str, frozenset[tuple[str, str]]], tuple[dict[str, str], float]]] = {}
    for tallies in all_tallies:
        for family, series in tallies.items():
            into = sums.setdefault(family, {})
            for name, labels, value in series:
                key = name, frozenset(labels.items())
                into[key] = labels, into.get(key, (labels, 0.0))[1] + value
    return {
        family: [(name, labels, value) for (name, _), (labels, value) in series.items()]
        for family, series in sums.items()
    }


def without(tallies: Tallies, before: Tallies) -> Tallies:
    """What was counted since `before`."""
    negative = {
        family: [(name, labels, -value) for name, labels, value in series]
        for family, series in before.items()
    }
    return total([tallies, negative])


class Total:
    """A registry with what all processes have counted."""

    def __init__(self, all_tallies: Iterable[Tallies]) -> None:
        self._sums = total([own_names(), *all_tallies])

    def collect(self) -> Iterator[Metric]:
        for family in registry.collect():
            metric = Metric(family.name, family.documentation, family.type)
            metric.samples = [Sample(name, labels, value) for name, labels, value in self._sums[family.name]]
            yield metric


def own_names() -> Tallies:
    """The families that this process knows, and nothing counted."""
    return {family.name: [] for family in registry.collect()}
