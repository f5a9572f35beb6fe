"""What staff are told of the last days, against rows made here."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Plan, Purchase, User
from accounts.models.purchases import Payment
from generation.models import Generation, Status
from monitoring import charts, figures

pytestmark = pytest.mark.django_db
NOON = datetime.combine(timezone.now().date(), time(12), UTC)
Draw = Callable[..., Generation]


@pytest.fixture
def draw(alice: User) -> Draw:
    def draw(days_ago: int = 0, waited: float | None = 1.0, **values: Any) -> Generation:
        created = NOON - timedelta(days=days_ago)
        started = None if waited is None else created + timedelta(seconds=waited)
        fixed = {
            "user": alice,
            "status": Status.SUCCEEDED,
            "request_id": "request-1",
            "model": "tiny",
            "prompt": "a boat",
            "width": 64,
            "height": 64,
            "num_inference_steps": 2,
            "guidance_scale": 1.0,
            "scheduler": "ddim",
            "seed": 1,
            "num_images": 1,
            "output_format": "png",
            "quality": 90,
            "from_allowance": 2,
            "from_balance": 1,
        }
        return Generation.objects.create(**fixed | values, created_at=created, started_at=started)

    return draw


def test_it_works(draw: Draw) -> None:
    draw(num_images=2)
    draw(status=Status.FAILED, error_code="generation_failed")
    draw(days_ago=1, status=Status.CANCELED)
    draw(status=Status.QUEUED, waited=None)
    draw(status=Status.RUNNING)
    draw(days_ago=figures.DAYS)
    days = figures.read().days
    assert len(days) == figures.DAYS
    assert [day.date for day in days] == [
        (NOON - timedelta(days=ago)).date() for ago in reversed(range(figures.DAYS))
    ]
    today, yesterday = days[-1], days[-2]
    assert (today.succeeded, today.failed, today.canceled, today.unfinished) == (2, 1, 0, 2)
    assert (yesterday.pictures, yesterday.canceled) == (1, 1)
    assert sum(day.pictures for day in days) == 6


def test_an_empty_database() -> None:
    found = figures.read()
    assert len(found.days) == figures.DAYS
    assert {day.pictures for day in found.days} == {0}
    assert {day.wait_median for day in found.days} == {None}
    assert (found.credits, found.failures, found.money, found.purchases) == ([], [], [], 0)


def test_waits(draw: Draw) -> None:
    for wait in (0.0, 0.26, 1.0, 2.0, 90.0):
        draw(waited=wait)
    draw(waited=None, status=Status.QUEUED)
    day = figures.read().days[-1]
    assert (day.wait_median, day.wait_slowest) == (1.0, 90.0)


@pytest.mark.parametrize(
    ("waits", "share", "seconds"),
    [({}, 0.5, None), ({3: 1}, 0.95, 0.3), ({1: 99, 50: 1}, 0.95, 0.1), ({1: 90, 50: 10}, 0.95, 5.0)],
)
def test_quantiles(waits: dict[int, int], share: float, seconds: float | None) -> None:
    assert figures.quantile(Counter(waits), share) == seconds


def test_credits_are_what_was_spent_and_not_given_back(draw: Draw, bob: User) -> None:
    bob.plan = Plan.objects.create(name="Studio")
    bob.save()
    draw()
    draw(user=bob, from_allowance=10)
    draw(user=bob)
    draw(status=Status.FAILED, error_code="generation_failed")
    draw(refunded_at=timezone.now())
    assert figures.read().credits == [("Studio", 14), (figures.NO_PLAN, 3)]


def test_failures_by_reason(draw: Draw) -> None:
    for reason in ("worker_lost", "worker_lost", ""):
        draw(status=Status.FAILED, error_code="generation_failed", error_reason=reason)
    draw(status=Status.FAILED, error_code="content_blocked", days_ago=2)
    draw(status=Status.FAILED, error_code="content_blocked", days_ago=3)
    assert dict(figures.read().failures) == {"worker_lost": 2, "content_blocked": 2, "generation_failed": 1}


def test_money_is_what_was_paid_and_not_given_back(alice: User) -> None:
    def sell(amount: int, currency: str, **values: Any) -> None:
        paid = {"state": Payment.PAID, "paid_at": NOON} | values
        id = f"00000000-0000-0000-0000-{Purchase.objects.count():012}"
        Purchase.objects.create(id=id, user=alice, credits=10, amount=amount, currency=currency, **paid)

    sell(1000, "eur")
    sell(500, "eur", refunded=200)
    sell(900, "jpy")
    sell(100, "eur", paid_at=NOON - timedelta(days=figures.DAYS))
    sell(100, "eur", paid_at=None, state=Payment.OPEN)
    sell(200, "eur", paid_at=NOON - timedelta(days=1))
    found = figures.read()
    assert found.purchases == 4
    assert found.money == [("eur", 1500), ("jpy", 900)]
    assert [day.money for day in found.days[-3:]] == [{}, {"eur": 200}, {"eur": 1300, "jpy": 900}]


def test_they_are_read_once_a_minute(draw: Draw, django_assert_num_queries: Any) -> None:
    cache.delete(figures.CACHE_KEY)
    with django_assert_num_queries(3):
        figures.figures()
    draw()
    with django_assert_num_queries(0):
        assert figures.figures().days[-1].pictures == 0
    cache.delete(figures.CACHE_KEY)


DRAWN = [charts.Series("succeeded", "good", lambda day: day.succeeded)]
WAITED = [charts.Series("median", "open", lambda day: day.wait_median)]


def test_a_column_is_as_high_as_its_share() -> None:
    days = [figures.Day(NOON.date(), succeeded=number) for number in (0, 20, 40)]
    chart = charts.stacked("key", "Pictures", days, DRAWN)
    assert [tick.text for tick in chart.ticks] == ["0", "10", "20", "30", "40"]
    assert [bar.height for bar in chart.bars] == [charts.PLOT_HEIGHT / 2, charts.PLOT_HEIGHT]
    assert [bar.y + bar.height for bar in chart.bars] == [charts.TOP + charts.PLOT_HEIGHT] * 2
    assert [values for _, values in chart.rows] == [["40"], ["20"], ["0"]]


def test_a_line_is_broken_where_nobody_waited() -> None:
    days = [figures.Day(NOON.date(), wait_median=wait) for wait in (1.0, None, 2.0, 4.0)]
    ((_, path),) = charts.lines("key", "Waits", days, WAITED).lines
    assert path.count("M") == 2
    assert path.count("L") == 1


def test_numbers_are_short_beside_the_axis_and_whole_in_the_table() -> None:
    days = [figures.Day(NOON.date(), succeeded=1_234_567)]
    chart = charts.stacked("key", "Pictures", days, DRAWN)
    assert [tick.text for tick in chart.ticks] == ["0", "500k", "1000k", "1500k", "2000k"]
    assert [charts.short(value) for value in (0.25, 5000, 12_500, 2e7)] == ["0.25", "5000", "12.5k", "20M"]
    assert chart.rows == [(NOON.date().isoformat(), ["1234567"])]
    assert "1234567 succeeded" in chart.bars[0].title


def test_charts_of_nothing() -> None:
    days = [figures.Day(NOON.date())]
    assert charts.stacked("key", "Pictures", days, DRAWN).bars == []
    assert charts.lines("key", "Waits", days, WAITED).lines == [("open", "")]
    assert charts.shares([]) == []


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (0.3, 0.4), (1, 1), (3, 4), (4.1, 5), (7, 10), (10, 10), (1234, 2000)]
)
def test_the_end_of_a_scale(most: float, top: float) -> None:
    assert charts.ceiling(most) == pytest.approx(top)
