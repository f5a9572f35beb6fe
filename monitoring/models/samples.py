"""How the service was, minute by minute, and hour by hour for longer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from django.db import models, transaction

MINUTES_KEPT = timedelta(days=1)
HOURS_KEPT = timedelta(days=90)

# What was measured by name; None where there was nothing to measure.
Values = Mapping[str, float | None]


class Span(models.TextChoices):
    MINUTE = "minute"
    HOUR = "hour"


class SampleQuerySet(models.QuerySet["Sample"]):
    def take(self, moment: datetime, values: Values) -> bool:
        """Keep the sample of this minute, if nobody else has; say whether nobody had."""
        minute = moment.replace(second=0, microsecond=0)
        _, first = self.get_or_create(span=Span.MINUTE, at=minute, defaults={"values": dict(values)})
        if first:
            self.thin(minute)
        return first

    def is_due(self, moment: datetime) -> bool:
        minute = moment.replace(second=0, microsecond=0)
        return not self.filter(span=Span.MINUTE, at=minute).exists()

    @transaction.atomic
    def thin(self, now: datetime) -> None:
        """Of the hours that are over keep an average for long, and the minutes for a day."""
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        last = self.filter(span=Span.HOUR).aggregate(last=models.Max("at"))["last"]
        begin = last + timedelta(hours=1) if last else this_hour - MINUTES_KEPT
        over = self.filter(span=Span.MINUTE, at__gte=begin, at__lt=this_hour)
        by_hour: dict[datetime, list[Values]] = defaultdict(list)
        for sample in over:
            by_hour[sample.at.replace(minute=0)].append(sample.values)
        hours = [self.model(span=Span.HOUR, at=hour, values=average(each)) for hour, each in by_hour.items()]
        self.bulk_create(hours, ignore_conflicts=True)
        self.filter(span=Span.MINUTE, at__lt=now - MINUTES_KEPT).delete()
        self.filter(span=Span.HOUR, at__lt=now - HOURS_KEPT).delete()

    def since(self, span: Span, moment: datetime) -> list["Sample"]:
        """The oldest first."""
        return list(self.filter(span=span, at__gte=moment).order_by("at"))


class Sample(models.Model):
    span = models.CharField(max_length=8, choices=Span.choices)
    at = models.DateTimeField(help_text="The beginning of the minute or hour.")
    values: Any = models.JSONField(default=dict)

    objects = SampleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["span", "at"], name="one_sample_a_span")]

    def __str__(self) -> str:
        return f"{self.span} {self.at:%Y-%m-%d %H:%M}"


def average(samples: Iterable[Values]) -> dict[str, float | None]:
    """Of what was measured; None where it never was."""
    measured: dict[str, list[float]] = defaultdict(list)
    for values in samples:
        for name, value in values.items():
            measured[name] += [] if value is None else [value]
    return {name: round(fmean(values), 3) if values else None for name, values in measured.items()}
