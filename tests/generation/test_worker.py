"""A worker with threads, as a server has it: what it draws, renews, leaves and hands back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Quota, User
from generation.dispatch import get_exchange
from generation.engine import Engine
from generation.models import Generation, Status
from generation.work.keeper import look_after
from generation.work.worker import Worker
from tests.generation import runners
from tests.generation.test_cancel import until
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
BODY = {"prompt": "a red house"}
Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(threads=2)
    worker.start()
    get_exchange().hang_up(worker.ring)
    yield worker
    runners.Held.go.set()
    worker.finish(10)
    runners.Held.go.clear()


def ended(generation: Generation) -> Any:
    return until(lambda: Generation.objects.filter(pk=generation.pk, finished_at__isnull=False).first())


def test_it_works(use_engine: UseEngine, worker: Worker, submit: Submit, alice: User) -> None:
    use_engine("Noise")
    rows = [submit() for _ in range(6)]
    get_exchange().ring()
    assert {ended(row).status for row in rows} == {Status.SUCCEEDED}
    assert Quota.objects.current(alice).used == 6


def test_whoever_waits_is_answered(use_engine: UseEngine, worker: Worker, as_alice: APIClient) -> None:
    use_engine("Noise")
    answer = as_alice.post(URL, BODY)
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


@pytest.mark.parametrize(
    ("prefer", "applied"), [("respond-async", "respond-async"), ("wait=0", "wait=0"), ("Wait = 0", "wait=0")]
)
def test_whoever_prefers_not_to_wait_is_told_the_place(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, prefer: str, applied: str
) -> None:
    use_engine("Held")
    answer = as_alice.post(URL, BODY, HTTP_PREFER=prefer)
    assert (answer.status_code, answer["Preference-Applied"]) == (202, applied)
    assert answer.json()["status"] in ("queued", "running")
    runners.Held.go.set()
    shown = until(lambda: (row := as_alice.get(answer["Location"]).json())["status"] == "succeeded" and row)
    assert shown["id"] == answer.json()["id"]


def test_a_wait_that_runs_out_loses_nothing(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient
) -> None:
    use_engine("Held")
    answer = as_alice.post(URL, BODY, HTTP_PREFER="wait=1")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    runners.Held.go.set()
    assert ended(Generation.objects.get()).status == Status.SUCCEEDED


def test_where_all_places_to_wait_are_taken_nobody_waits(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, settings: Settings
) -> None:
    use_engine("Slow")
    settings.WAITING_REQUESTS = 0
    answer = as_alice.post(URL, BODY)
    assert answer.status_code == 202
    assert ended(Generation.objects.get()).status == Status.SUCCEEDED
    settings.WAITING_REQUESTS = 1
    assert [as_alice.post(URL, BODY).status_code for _ in range(2)] == [200, 200]


def test_what_is_preferred_otherwise_is_ignored(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Noise")
    answer = as_alice.post(URL, BODY, HTTP_PREFER="wait=soon, handling=lenient")
    assert (answer.status_code, answer.has_header("Preference-Applied")) == (200, False)


def test_a_failure_is_told_to_whoever_waits(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, alice: User
) -> None:
    use_engine("Full")
    problem = problem_of(as_alice.post(URL, BODY), 500, "generation_failed")
    assert (problem["reason"], Quota.objects.current(alice).used) == ("out_of_memory", 0)


def test_at_a_stop_what_is_drawn_goes_back_into_the_queue(
    use_engine: UseEngine, worker: Worker, submit: Submit
) -> None:
    use_engine("Held")
    submit(), submit(), submit()
    get_exchange().ring()
    get_exchange().ring()
    until(lambda: Generation.objects.filter(status=Status.RUNNING).count() == 2)
    worker.finish(0.1)
    until(lambda: Generation.objects.filter(status=Status.QUEUED, attempts=0, lease=None).count() == 3)
    connection.close()


def test_at_a_stop_what_can_be_finished_is(use_engine: UseEngine, worker: Worker, submit: Submit) -> None:
    use_engine("Held")
    generation = submit()
    get_exchange().ring()
    until(lambda: Generation.objects.filter(status=Status.RUNNING).exists())
    runners.Held.go.set()
    worker.finish(10)
    assert ended(generation).status == Status.SUCCEEDED


def test_the_keeper_renews_what_is_drawn(use_engine: UseEngine, worker: Worker, submit: Submit) -> None:
    use_engine("Held")
    submit()
    get_exchange().ring()
    until(lambda: worker.keeper.holding)
    Generation.objects.update(leased_until=timezone.now() + timedelta(seconds=1))
    worker.keeper.renew()
    assert Generation.objects.get().leased_until > timezone.now() + timedelta(seconds=10)  # type: ignore[operator]


def test_the_keeper_drops_what_was_taken_away(use_engine: UseEngine, worker: Worker, submit: Submit) -> None:
    use_engine("Held")
    submit()
    get_exchange().ring()
    until(lambda: worker.keeper.holding)
    # As another process does it, which this one does not hear.
    Generation.objects.update(status=Status.CANCELED, lease=None)
    worker.keeper.renew()
    until(lambda: not worker.keeper.holding)
    assert Generation.objects.get().status == Status.CANCELED


def test_the_keeper_rings_for_what_lies(use_engine: UseEngine, worker: Worker, submit: Submit) -> None:
    use_engine("Noise")
    generation = submit()
    look_after()
    assert ended(generation).status == Status.SUCCEEDED


def test_how_far_it_is_can_be_seen(use_engine: UseEngine, worker: Worker, as_alice: APIClient) -> None:
    use_engine("Slow")
    place = as_alice.post(URL, BODY | {"num_inference_steps": 40}, HTTP_PREFER="respond-async")["Location"]
    until(lambda: 0 < as_alice.get(place).json()["progress"] < 1)
    until(lambda: as_alice.get(place).json()["progress"] == 1)


def test_nobody_waits_for_a_long_queue_of_another(
    use_engine: UseEngine, worker: Worker, submit: Submit, bob: User, settings: Settings
) -> None:
    settings.DEFAULT_UNFINISHED = 64
    use_engine("Slow")
    for _ in range(50):
        submit()
    get_exchange().ring()
    get_exchange().ring()
    until(lambda: Generation.objects.filter(status=Status.SUCCEEDED).count() > 2)
    his = ended(submit(user=bob))
    between = Generation.objects.exclude(user=bob).filter(
        started_at__gt=his.created_at, started_at__lt=his.started_at
    )
    assert between.count() <= 2
    assert Generation.objects.filter(status=Status.QUEUED).count() > 30


def test_a_suspect_is_drawn_alone(use_engine: UseEngine, worker: Worker, submit: Submit) -> None:
    use_engine("Held")
    suspect = submit()
    Generation.objects.filter(pk=suspect.pk).update(attempts=1)
    get_exchange().ring()
    until(lambda: Generation.objects.filter(pk=suspect.pk, status=Status.RUNNING).exists())
    others = [submit(), submit()]
    get_exchange().ring()
    sleep(0.1)
    assert Generation.objects.filter(status=Status.RUNNING).count() == 1
    runners.Held.go.set()
    assert {ended(row).status for row in (suspect, *others)} == {Status.SUCCEEDED}


def test_a_device_that_is_lost_costs_an_attempt(
    use_engine: UseEngine, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.engine.engine._end_process", lambda: None)
    use_engine("Lost")
    get_exchange().hang_up(lambda: None)
    submit()
    assert Worker().draw_next()
    generation = Generation.objects.get()
    assert (generation.status, generation.attempts) == (Status.QUEUED, 1)
