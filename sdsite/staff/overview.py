"""What the first page of admin shows: how the service is used, and what waits for staff."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import IncreaseStatus, LimitIncrease, Purchase, User
from accounts.payments.money import decimals, in_units, in_words
from generation.models import Generation
from monitoring import charts
from monitoring.figures import DAYS, Day, Figures, figures

PENDING = IncreaseStatus.PENDING_REVIEW
AWAITING = "?awaits_approval__exact=1"
ASKED = f"?status__exact={PENDING.value}"
TROUBLE = "?trouble=attention"

OUTCOMES = [
    charts.Series("succeeded", "good", lambda day: day.succeeded),
    charts.Series("failed", "bad", lambda day: day.failed),
    charts.Series("canceled", "faint", lambda day: day.canceled),
    charts.Series("unfinished", "open", lambda day: day.unfinished),
]
WAITS = [
    charts.Series("median", "open", lambda day: day.wait_median),
    charts.Series("95 of 100", "bad", lambda day: day.wait_slowest),
]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for staff."""

    number: int
    name: str
    url: str


def overview(request: HttpRequest) -> dict[str, Any]:
    """Nothing for those who may not see generations."""
    if not request.user.has_perm("generation.view_generation"):
        return {}
    found = figures()
    return {
        "days": DAYS,
        "money": [in_words(amount, currency) for currency, amount in found.money],
        "purchases": found.purchases,
        "today": found.days[-1],
        "unfinished": Generation.objects.unfinished().count(),
        "tasks": tasks(request),
        "charts": [
            charts.stacked("pictures", "Pictures a day", found.days, OUTCOMES),
            charts.lines("waits", "Seconds in the queue", found.days, WAITS),
            *money_charts(found),
        ],
        "shares": [
            ("Credits spent, by plan", charts.shares(found.credits), "Nothing was spent."),
            ("Failures, by reason", charts.shares(found.failures), "Nothing failed."),
        ],
    }


def money_charts(found: Figures) -> list[charts.Chart]:
    """One for each currency, since amounts of two cannot be added; of the present one where nothing was sold."""
    currencies = [currency for currency, _ in found.money] or [settings.CURRENCY]
    return [
        charts.stacked(f"money-{currency}", "Money taken a day", found.days, [taken_in(currency)])
        for currency in currencies
    ]


def taken_in(currency: str) -> charts.Series:
    def value(day: Day) -> float:
        return float(in_units(day.money.get(currency, 0), currency))

    return charts.Series(currency.upper(), "open", value, lambda amount: f"{amount:.{decimals(currency)}f}")


def tasks(request: HttpRequest) -> list[Task]:
    """With links to the lists where they are done, for those who may see them."""
    waiting = [
        ("accounts to approve", "user", User.objects.filter(awaits_approval=True), AWAITING),
        (
            "requests for credits to decide",
            "limitincrease",
            LimitIncrease.objects.filter(status=PENDING),
            ASKED,
        ),
        ("purchases that need attention", "purchase", Purchase.objects.exclude(attention=""), TROUBLE),
    ]
    return [
        Task(rows.count(), name, reverse(f"admin:accounts_{model}_changelist") + query)
        for name, model, rows, query in waiting
        if request.user.has_perm(f"accounts.view_{model}")
    ]
