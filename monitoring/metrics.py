"""What Prometheus is told: what all processes have counted, and how the service is now."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from time import monotonic
from typing import Any, Protocol

from prometheus_client.core import GaugeMetricFamily, Metric

from generation.engine import EngineState
from monitoring import system
from monitoring.health import Health
from monitoring.health import look as look_at_health
from monitoring.looks import DEADLINE, Look
from monitoring.models import ProcessNote
from monitoring.pulse import note_now
from monitoring.system import System
from monitoring.tallies import Tallies, Total, own

BAD = {"failed", "full", "jumped", "stuck", "lost", "stopped", "loading"}


class Collecting(Protocol):
    """What of a registry is asked for its text."""

    def collect(self) -> Iterator[Metric]: ...


def _tallies() -> list[Tallies]:
    note_now()
    return list(ProcessNote.objects.tallies())


tally_look: Look[list[Tallies]] = Look("the counts", _tallies)


class Everything:
    def collect(self) -> Iterator[Metric]:
        tally_look.begin()
        health, found = look_at_health(), system.look()
        # Without a database there is nothing but this process.
        yield from Total(tally_look.wait(monotonic() + DEADLINE) or [own()]).collect()
        yield from _of_health(health)
        yield from _of_system(found)


def everything() -> Any:
    return Everything()


def _of_health(health: Health) -> Iterator[Metric]:
    up = GaugeMetricFamily("sd_up", "Whether each part is as it should be.", labels=["part"])
    for part, state in health.checks.items():
        up.add_metric([part], 0 if state in BAD else 1)
    yield up
    yield _gauge("sd_healthy", "Whether a picture could be drawn now.", health.status in ("ok", "degraded"))
    if health.storage is not None:
        yield _gauge("sd_storage_free_bytes", "Left on the disk.", health.storage.free)
        yield _gauge("sd_storage_reserve_bytes", "With less nothing is drawn.", health.storage.reserve)


def _of_system(found: System) -> Iterator[Metric]:
    if found.queue is not None:
        queue = GaugeMetricFamily("sd_queue", "Generations that are not done.", labels=["status"])
        queue.add_metric(["queued"], found.queue.queued)
        queue.add_metric(["running"], found.queue.running)
        yield queue
        yield _gauge("sd_queue_limit", "The most that are not done.", found.queue.limit)
        yield _gauge("sd_queue_oldest_seconds", "How long the oldest has waited.", found.queue.oldest or 0)
    notes = [note.facts for note in found.processes or []]
    yield from _of_processes(found.processes or [])
    engines = [facts["engine"] for facts in notes if facts.get("engine")]
    if not notes and found.engine is not None:
        engines = [asdict(found.engine)]
    yield from _of_engines(engines)


def _of_processes(notes: list[ProcessNote]) -> Iterator[Metric]:
    number = GaugeMetricFamily("sd_processes", "Processes of the service.", labels=["role"])
    memory = GaugeMetricFamily("sd_processes_memory_bytes", "What they take of memory.", labels=["role"])
    for role in sorted({note.role for note in notes}):
        of_role = [note.facts.get("process") or {} for note in notes if note.role == role]
        number.add_metric([role], len(of_role))
        memory.add_metric([role], sum(process.get("memory", 0) for process in of_role))
    yield number
    yield memory


def _of_engines(engines: list[dict[str, Any]]) -> Iterator[Metric]:
    states = GaugeMetricFamily("sd_engines", "Engines by state.", labels=["state"])
    counted = Counter(engine["state"] for engine in engines)
    for state in EngineState:
        states.add_metric([state], counted[state])
    yield states
    yield _gauge(
        "sd_engine_waiting", "Given to an engine and not begun.", sum(each["waiting"] for each in engines)
    )
    rows = [each["rows_per_tick"] for each in engines if each["rows_per_tick"] is not None]
    yield _gauge("sd_engine_rows_per_tick", "Of late, on average.", sum(rows) / len(rows) if rows else 0)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=float(value))
