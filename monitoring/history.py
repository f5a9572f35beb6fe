"""The history of the service as points of a chart, few enough for a phone."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from monitoring.charts import Axis
from monitoring.models import Sample
from monitoring.models.samples import Span, Values, average


@dataclass(frozen=True, slots=True)
class Period:
    """What is shown: for how long, from which samples, and how much of it becomes one point."""

    key: str
    title: str
    length: timedelta
    span: Span
    step: timedelta
    label: str
    axis: Axis


QUARTERS = Axis("quarter hour", "quarter hours", labeled=16)
TWO_HOURS = Axis("two hours", "times two hours", labeled=12)
ALL_DAYS = Axis("day", "days", labeled=14)

PERIODS = [
    Period("day", "Last day", timedelta(days=1), Span.MINUTE, timedelta(minutes=15), "%H:%M", QUARTERS),
    Period("week", "Last week", timedelta(days=7), Span.HOUR, timedelta(hours=2), "%a", TWO_HOURS),
    Period("quarter", "Last 90 days", timedelta(days=90), Span.HOUR, timedelta(days=1), "%m-%d", ALL_DAYS),
]


@dataclass(frozen=True, slots=True)
class Moment:
    """A point: the beginning of its time, and what was measured in it on average. Nothing where nobody looked."""

    at: datetime
    values: Values
    label: str

    @property
    def name(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


def history(period: Period) -> list[Moment]:
    """Every point of the period, the oldest first."""
    end = _floor(timezone.now(), period.step) + period.step
    begin = end - period.length
    measured: dict[datetime, list[Values]] = defaultdict(list)
    for sample in Sample.objects.since(period.span, begin):
        measured[_floor(sample.at, period.step)].append(sample.values)
    moments = [begin + place * period.step for place in range(period.length // period.step)]
    return [Moment(at, average(measured[at]), at.strftime(period.label)) for at in moments]


def period_of(key: str) -> Period:
    """The one of this name, or the first."""
    return next((period for period in PERIODS if period.key == key), PERIODS[0])


def _floor(moment: datetime, step: timedelta) -> datetime:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return moment - (moment - start) % step
