"""How the whole service is, as far as this process can see it: every look is good for a moment, and none waited for."""

from dataclasses import asdict, dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.conf import settings
from django.utils import timezone

from monitoring import gpus, machine, traffic
from monitoring.engines import EngineFacts, meter
from monitoring.gpus import Gpu
from monitoring.looks import DEADLINE, Look
from monitoring.machine import Machine, Process
from monitoring.models import ProcessNote
from monitoring.traffic import Outcome, Queue

machine_look = Look("the machine", lambda: machine.machine())
process_look = Look("this process", lambda: machine.process())
gpu_look = Look("the GPU", lambda: gpus.gpus(), fresh=2.0)
queue_look = Look("the queue", lambda: traffic.queue(), fresh=2.0)
outcome_look = Look("the generations", lambda: traffic.outcomes(), fresh=10.0)
note_look = Look("the processes", lambda: list(ProcessNote.objects.live()), fresh=2.0)

LOOKS: dict[str, Look[Any]] = {
    "machine": machine_look,
    "process": process_look,
    "gpus": gpu_look,
    "queue": queue_look,
    "generations": outcome_look,
    "processes": note_look,
}


@dataclass(frozen=True, slots=True)
class System:
    """What did not answer is None, and named in `missing`."""

    sampled_at: datetime
    version: str
    machine: Machine | None
    process: Process | None
    gpus: list[Gpu] | None
    engine: EngineFacts | None
    queue: Queue | None
    generations: list[Outcome] | None
    processes: list[ProcessNote] | None
    missing: list[str]


def look() -> System:
    for part in LOOKS.values():
        part.begin()
    until = monotonic() + DEADLINE
    seen = {name: part.wait(until) for name, part in LOOKS.items()}
    return System(
        sampled_at=timezone.now(),
        version=str(settings.SPECTACULAR_SETTINGS["VERSION"]),
        engine=meter.facts(),
        missing=[name for name, found in seen.items() if found is None],
        **seen,
    )


def facts() -> dict[str, Any]:
    """What this process notes about itself, as plain values."""
    found = {"machine": machine_look.result(), "process": process_look.result(), "engine": meter.facts()}
    cards = gpu_look.result()
    plain = {name: None if fact is None else asdict(fact) for name, fact in found.items()}
    return plain | {"gpus": None if cards is None else [asdict(card) for card in cards]}


def forget() -> None:
    """Look at every part anew next time."""
    for part in LOOKS.values():
        part.forget()
