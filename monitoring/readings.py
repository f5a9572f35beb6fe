"""One reading of the service in few numbers, as its history keeps them and the staff's charts show them."""

from collections.abc import Callable, Iterable
from statistics import fmean
from typing import Any

from generation.models import Generation, Status
from monitoring import traffic
from monitoring.models import ProcessNote

Facts = dict[str, Any]


def read() -> dict[str, float | None]:
    """Percent, seconds, numbers; None where there was nothing to measure. Asks the database four times."""
    notes = [note.facts for note in ProcessNote.objects.live()]
    minute = traffic.last_minute()
    unfinished = Generation.objects.unfinished().order_by().values_list("status", flat=True)
    states = list(unfinished)
    return {
        "cpu": _mean(notes, lambda facts: [facts["machine"]["cpu"]]),
        "load": _mean(notes, lambda facts: [facts["machine"]["load"][0]]),
        "memory": _mean(notes, lambda facts: [_percent(facts["machine"]["memory"])]),
        "gpu": _mean(notes, lambda facts: [card["utilization"] for card in facts["gpus"]]),
        "gpu_memory": _mean(notes, lambda facts: [_of_card(card) for card in facts["gpus"]]),
        "occupancy": _mean(notes, lambda facts: [_percent_of(facts["engine"]["occupancy"])]),
        "ticks": _sum(notes, lambda facts: [facts["engine"]["ticks_per_second"]]),
        "rows": _mean(notes, lambda facts: [facts["engine"]["rows_per_tick"]]),
        "queued": states.count(Status.QUEUED),
        "running": states.count(Status.RUNNING),
        "wait": minute.wait,
        "succeeded": minute.succeeded,
        "failed": minute.failed,
    }


def _found(notes: Iterable[Facts], values: Callable[[Facts], list[float | None]]) -> list[float]:
    """Of all processes that could say it."""
    found: list[float] = []
    for facts in notes:
        try:
            found += [value for value in values(facts) if value is not None]
        except (KeyError, TypeError):
            # A part of it had not answered, or there is none.
            continue
    return found


def _mean(notes: Iterable[Facts], values: Callable[[Facts], list[float | None]]) -> float | None:
    found = _found(notes, values)
    return round(fmean(found), 2) if found else None


def _sum(notes: Iterable[Facts], values: Callable[[Facts], list[float | None]]) -> float | None:
    found = _found(notes, values)
    return round(sum(found), 2) if found else None


def _percent(memory: dict[str, int]) -> float:
    return 100 * (1 - memory["available"] / memory["total"])


def _of_card(card: dict[str, Any]) -> float | None:
    total, used = card["memory_total"], card["memory_used"]
    return 100 * used / total if total else None


def _percent_of(share: float | None) -> float | None:
    return None if share is None else 100 * share
