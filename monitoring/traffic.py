"""What the rows say of the queue, and of what was drawn of late."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from generation.models import Generation, Status
from monitoring.figures import Tenths, quantile

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """Seconds; the waits are of those that were asked for in the last hour. None where there was nothing to measure."""

    queued: int
    running: int
    limit: int
    oldest: float | None
    wait_p50: float | None
    wait_p95: float | None
    wait_p99: float | None
    seconds_each: float | None
    at_once: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of those that were asked for in the last minute, hour and day came to this."""

    request_type: str
    status: str
    reason: str
    minute: int
    hour: int
    day: int


def queue() -> Queue:
    states = {
        status: (number, oldest)
        for status, number, oldest in Generation.objects.unfinished()
        .order_by()
        .values_list("status")
        .annotate(number=Count("pk"), oldest=Min("created_at"))
    }
    queued, oldest = states.get(Status.QUEUED, (0, None))
    recent = Generation.objects.filter(created_at__gte=timezone.now() - HOUR, started_at__isnull=False)
    waits, pace = _waits(recent), Generation.objects.pace()
    return Queue(
        queued=queued,
        running=states.get(Status.RUNNING, (0, None))[0],
        limit=settings.QUEUE_LIMIT,
        oldest=(timezone.now() - oldest).total_seconds() if oldest else None,
        wait_p50=quantile(waits, 0.5),
        wait_p95=quantile(waits, 0.95),
        wait_p99=quantile(waits, 0.99),
        seconds_each=round(pace.seconds, 3) if pace else None,
        at_once=pace.at_once if pace else None,
    )


def outcomes() -> list[Outcome]:
    """The most frequent of the day first."""
    now = timezone.now()
    recent = Generation.objects.filter(created_at__gte=now - DAY).order_by()
    rows = recent.values_list("request_type", "status", "error_code", "error_reason").annotate(
        minute=_since(now - MINUTE), hour=_since(now - HOUR), day=Count("pk")
    )
    found = [
        Outcome(kind, status, reason or code, minute, hour, day)
        for kind, status, code, reason, minute, hour, day in rows
    ]
    return sorted(found, key=lambda outcome: (-outcome.day, outcome.request_type, outcome.status))


def _since(moment: datetime) -> Count:
    return Count("pk", filter=Q(created_at__gte=moment))


def _waits(begun: QuerySet[Generation]) -> Counter[int]:
    """How often somebody waited for how many tenths of a second."""
    waits: Counter[int] = Counter()
    counted = begun.order_by().annotate(wait=Tenths("created_at", "started_at")).values_list("wait")
    for wait, number in counted.annotate(number=Count("pk")):
        waits[max(0, wait)] += number
    return waits


@dataclass(frozen=True, slots=True)
class Minute:
    """The last one: how many ended, and the seconds that 95 of 100 waited at most who were taken up in it."""

    succeeded: int
    failed: int
    wait: float | None


def last_minute() -> Minute:
    now = timezone.now()
    # By when it was asked for, which has an index: nothing waits and runs for longer than that.
    recent = Generation.objects.filter(created_at__gte=now - HOUR).order_by()
    ended = recent.filter(finished_at__gte=now - MINUTE)
    counted = ended.aggregate(
        succeeded=Count("pk", filter=Q(status=Status.SUCCEEDED)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
    )
    return Minute(wait=quantile(_waits(recent.filter(started_at__gte=now - MINUTE)), 0.95), **counted)
