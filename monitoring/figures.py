"""What the service did in the last days, for its staff: read from the rows, and kept for a minute."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from accounts.models import Purchase
from generation.models import Generation, Status

DAYS = 30
KEPT_SECONDS = 60
CACHE_KEY = "monitoring.figures"

NO_PLAN = "no plan"
MEDIAN, SLOWEST = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class Day:
    """One day, by UTC. Pictures are counted on the day they were asked for; waits are seconds, if anybody waited.

    `money` is what was paid on that day and not given back since, by currency and in its smallest unit.
    """

    date: date
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    unfinished: int = 0
    wait_median: float | None = None
    wait_slowest: float | None = None
    money: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.date.isoformat()

    @property
    def label(self) -> str:
        return f"{self.date:%m-%d}"

    @property
    def pictures(self) -> int:
        return self.succeeded + self.failed + self.canceled + self.unfinished


@dataclass(frozen=True, slots=True)
class Figures:
    """Names go with numbers, the largest first. Money goes by currency, in its smallest unit."""

    days: list[Day]
    credits: list[tuple[str, int]]
    failures: list[tuple[str, int]]
    money: list[tuple[str, int]]
    purchases: int


def figures() -> Figures:
    """As they were at most a minute ago."""
    return cache.get_or_set(CACHE_KEY, read, KEPT_SECONDS) or read()


def read() -> Figures:
    """Three queries, of the last days alone."""
    today = timezone.now().astimezone(UTC).date()
    dates = [today - timedelta(days=DAYS - 1 - ago) for ago in range(DAYS)]
    since = datetime.combine(dates[0], time.min, UTC)
    recent = Generation.objects.filter(created_at__gte=since).order_by()
    outcomes = _outcomes(recent)
    sales = _sales(since)
    return Figures(
        days=_days(dates, outcomes, _waits(recent), sales),
        credits=_credits(outcomes),
        failures=_failures(outcomes),
        money=_money(sales),
        purchases=sum(sale["number"] for sale in sales),
    )


def _outcomes(recent: QuerySet[Generation]) -> list[Any]:
    """How many pictures and credits, by day, outcome, reason and plan: one pass over the rows."""
    by = recent.annotate(day=_day("created_at"), plan=F("user__plan__name"))
    kept = Q(status=Status.SUCCEEDED, refunded_at=None)
    return list(
        by.values("day", "status", "error_code", "error_reason", "plan").annotate(
            pictures=Sum("num_images"),
            number=Count("pk"),
            spent=Sum(F("from_allowance") + F("from_balance"), filter=kept, default=0),
        )
    )


def _waits(recent: QuerySet[Generation]) -> Mapping[str, Counter[int]]:
    """How often somebody waited for how many tenths of a second, by day."""
    waits: Mapping[str, Counter[int]] = defaultdict(Counter)
    begun = recent.filter(started_at__isnull=False).annotate(
        day=_day("created_at"), wait=Tenths("created_at", "started_at")
    )
    for day, wait, number in begun.values_list("day", "wait").annotate(number=Count("pk")):
        waits[day][max(0, wait)] += number
    return waits


def _sales(since: datetime) -> list[Any]:
    """How many purchases were paid, and what of it was not given back, by day and currency."""
    sold = Purchase.objects.filter(paid_at__gte=since).order_by().annotate(day=_day("paid_at"))
    return list(
        sold.values("day", "currency").annotate(left=Sum(F("amount") - F("refunded")), number=Count("pk"))
    )


def _day(moment: str) -> Substr:
    """The day as text, by the database itself: dates of a million rows are not made in Python."""
    return Substr(Cast(moment, CharField()), 1, 10)


class Tenths(Func):
    """Tenths of a second from one time to another."""

    output_field = IntegerField()

    def as_sql(self, *args: Any, **context: Any) -> Any:
        template = "CAST(ROUND(EXTRACT(EPOCH FROM %(later)s - %(earlier)s) * 10) AS INTEGER)"
        return self._between(template, *args)

    def as_sqlite(self, *args: Any, **context: Any) -> Any:
        template = "CAST(ROUND((julianday(%(later)s) - julianday(%(earlier)s)) * 864000) AS INTEGER)"
        return self._between(template, *args)

    def _between(self, template: str, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        (earlier, first), (later, second) = (compiler.compile(each) for each in self.source_expressions)
        return template % {"earlier": earlier, "later": later}, [*second, *first]


def _days(
    dates: Iterable[date],
    outcomes: Iterable[Mapping[str, Any]],
    waits: Mapping[str, Counter[int]],
    sales: Iterable[Mapping[str, Any]],
) -> list[Day]:
    """Every date, those on which nothing was drawn included."""
    pictures: Counter[tuple[str, str]] = Counter()
    for row in outcomes:
        pictures[row["day"], row["status"]] += row["pictures"]
    money: Mapping[str, dict[str, int]] = defaultdict(dict)
    for sale in sales:
        money[sale["day"]][sale["currency"]] = sale["left"]
    days = []
    for each in dates:
        day = each.isoformat()
        waited = waits.get(day, Counter())
        days.append(
            Day(
                date=each,
                succeeded=pictures[day, Status.SUCCEEDED],
                failed=pictures[day, Status.FAILED],
                canceled=pictures[day, Status.CANCELED],
                unfinished=pictures[day, Status.QUEUED] + pictures[day, Status.RUNNING],
                wait_median=quantile(waited, MEDIAN),
                wait_slowest=quantile(waited, SLOWEST),
                money=money.get(day, {}),
            )
        )
    return days


def quantile(tenths: Counter[int], share: float) -> float | None:
    """The seconds that this share of all waited at most, or none if nobody waited."""
    left = share * tenths.total()
    for wait in sorted(tenths):
        left -= tenths[wait]
        if left <= 0:
            return wait / 10
    return None


def _credits(outcomes: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """What was spent and not given back, by the plan that its users have now."""
    spent: Counter[str] = Counter()
    for row in outcomes:
        spent[row["plan"] or NO_PLAN] += row["spent"]
    return [(plan, number) for plan, number in spent.most_common() if number]


def _money(sales: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    taken: Counter[str] = Counter()
    for sale in sales:
        taken[sale["currency"]] += sale["left"]
    return sorted(taken.items())


def _failures(outcomes: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    failures: Counter[str] = Counter()
    for row in outcomes:
        if row["status"] == Status.FAILED:
            failures[row["error_reason"] or row["error_code"]] += row["number"]
    return failures.most_common()
