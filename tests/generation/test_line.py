"""Where in the queue one stands, and when it will be one's turn."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Plan, User
from generation.engine import Engine
from generation.exceptions import TooManyUnfinished
from generation.models import Generation, Picture, Status
from generation.models.line import line_memo, pace_memo
from generation.work.pace import Pace
from tests.problems import problem_of

LIST = "/api/v1/generations"
QUOTE = "/api/v1/quote"
URL = "/api/v1/text-to-image-generator"
Submit = Callable[..., Generation]


@pytest.fixture(autouse=True)
def engine(use_engine: Callable[[str], Engine]) -> Engine:
    return use_engine("Noise")


def drawn(generation: Generation, seconds: float) -> None:
    """It was done just now, and has taken so long."""
    claimed = Generation.objects.claim()
    assert claimed == generation
    generation.refresh_from_db()
    assert generation.succeed([Picture(0, 7, b"first")])
    now = timezone.now()
    rows = Generation.objects.filter(pk=generation.pk)
    rows.update(started_at=now - timedelta(seconds=seconds), finished_at=now)
    pace_memo.clear()


def positions(client: APIClient) -> list[int | None]:
    """Of a client's own, the oldest first."""
    line_memo.clear()
    return [row["queue_position"] for row in client.get(LIST).json()["results"]][::-1]


def test_it_works(submit: Submit, as_alice: APIClient) -> None:
    submit(), submit()
    assert positions(as_alice) == [1, 2]
    Generation.objects.claim()
    assert positions(as_alice) == [None, 1]


def test_whose_turn_it_is_shows(submit: Submit, as_alice: APIClient, as_bob: APIClient, bob: User) -> None:
    for _ in range(3):
        submit()
    submit(user=bob)
    assert (positions(as_alice), positions(as_bob)) == ([1, 3, 4], [2])


def test_the_line_is_the_order_of_the_claims(submit: Submit, alice: User, bob: User, carol: User) -> None:
    bob.plan = Plan.objects.create(name="Gold", priority=5)
    bob.save()
    for user in (alice, alice, carol, alice, bob, bob, carol):
        submit(user=user)
    Generation.objects.claim()
    line = list(Generation.objects.in_line())
    assert [Generation.objects.claim() for _ in line] == line


def test_one_that_just_came_is_there_at_once(submit: Submit) -> None:
    assert [Generation.objects.position(submit()) for _ in range(3)] == [1, 2, 3]


def test_a_list_asks_once(submit: Submit, as_alice: APIClient, django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        submit()
    with django_assert_max_num_queries(6):
        assert positions(as_alice) == list(range(1, 11))


def test_a_quote_gives_the_place_that_it_then_gets(submit: Submit, as_alice: APIClient, bob: User) -> None:
    for _ in range(3):
        submit(user=bob)
    submit()
    assert as_alice.post(QUOTE, {}).json()["queue_position"] == 4
    assert Generation.objects.position(submit()) == 4


def test_a_quote_tells_how_long_it_will_take(submit: Submit, as_alice: APIClient, bob: User) -> None:
    drawn(submit(num_inference_steps=10), seconds=4)
    body = {"width": 64, "height": 64, "num_inference_steps": 20}
    assert as_alice.post(QUOTE, body).json()["estimated_seconds"] == pytest.approx(8, abs=0.1)
    submit(), submit()
    later = as_alice.post(QUOTE, body).json()
    assert (later["queue_position"], later["estimated_seconds"]) == (3, pytest.approx(16, abs=0.1))


def test_what_was_drawn_long_ago_tells_nothing(submit: Submit) -> None:
    drawn(submit(), seconds=4)
    Generation.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    assert Generation.objects.pace() is None


@pytest.mark.parametrize(("seconds", "wait"), [(None, 10), (0.01, 1), (7.2, 8), (300, 60)])
def test_a_full_queue_says_when_to_come_again(
    submit: Submit, as_alice: APIClient, settings: Any, seconds: float | None, wait: int
) -> None:
    if seconds is not None:
        drawn(submit(), seconds=seconds)
    submit()
    Generation.objects.claim()
    settings.QUEUE_LIMIT = 1
    answer = as_alice.post(URL, {"prompt": "a red house"})
    problem_of(answer, 503, "queue_full")
    assert int(answer["Retry-After"]) == wait


def test_who_has_many_is_told_when_one_of_theirs_is_done(submit: Submit, bob: User, settings: Any) -> None:
    drawn(submit(), seconds=8)
    for user in (bob, bob, None, None):
        submit(user=user) if user else submit()
    for _ in range(4):
        Generation.objects.claim()
    settings.DEFAULT_UNFINISHED = 2
    with pytest.raises(TooManyUnfinished) as refused:
        submit()
    assert (refused.value.wait, Generation.objects.filter(status=Status.RUNNING).count()) == (4, 4)


def test_those_who_share_the_steps_are_done_the_sooner() -> None:
    assert [Pace(8, 1, at_once).until_free() for at_once in (0, 1, 4, 32)] == [8, 8, 2, 1]
    assert Pace(8, 100, at_once=4).until_done(50, position=5) == 12
