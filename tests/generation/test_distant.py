"""A process without an engine: it goes by what the workers note."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from generation.engine import Engine, EngineState
from generation.engine.errors import EngineUnavailable
from generation.models import Generation, Status, WorkerNote
from generation.params import GenerationParams, ParamsError, RequestType
from generation.work.attendance import Attendance
from generation.work.distant import DistantEngine
from generation.work.keeper import Keeper
from generation.work.worker import Worker
from monitoring import health
from tests.generation.runners import FACTS, Noise
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db


def note(name: str = "one", state: str = "ready", model: Any = FACTS) -> None:
    WorkerNote.objects.write(name, state, asdict(model) if model else None, {"pictures": 3})


@pytest.fixture(autouse=True)
def engine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> DistantEngine:
    """What this process has in place of an engine."""
    settings.MANY_MACHINES = True
    engine = DistantEngine()
    monkeypatch.setattr("generation.work.distant.FRESH", 0.0)
    monkeypatch.setattr("generation.work.availability.distant_engine", engine)
    return engine


def test_it_works(engine: DistantEngine) -> None:
    note()
    assert (engine.state, engine.model) == (EngineState.READY, FACTS)


def test_a_worker_that_is_there_notes_it(engine: DistantEngine, use_engine: UseEngine) -> None:
    use_engine("Noise")
    Keeper().note()
    assert engine.model == FACTS
    assert WorkerNote.objects.get().figures["pictures"] == 0


def test_a_worker_that_leaves_is_not_counted_on(engine: DistantEngine, use_engine: UseEngine) -> None:
    use_engine("Noise")
    attendance = Attendance()
    attendance.write()
    attendance.leave()
    attendance.write()
    assert engine.state is EngineState.STOPPED


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["failed", "ready"], "ready"),
        (["failed", "loading"], "loading"),
        (["failed", "stuck"], "stuck"),
        (["failed", "lost"], "lost"),
        ([], "stopped"),
    ],
)
def test_the_best_of_them_counts(engine: DistantEngine, states: list[str], state: str) -> None:
    for name, noted in enumerate(states):
        note(str(name), noted, model=None)
    assert engine.state == state


def test_one_that_was_not_seen_for_long_is_not_there(engine: DistantEngine) -> None:
    note()
    WorkerNote.objects.update(seen_at=timezone.now() - timedelta(seconds=21))
    assert engine.state is EngineState.STOPPED
    with pytest.raises(EngineUnavailable):
        _ = engine.model


def test_those_that_are_long_gone_are_forgotten() -> None:
    note("old")
    WorkerNote.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    note("new")
    assert [row.name for row in WorkerNote.objects.all()] == ["new"]


@pytest.mark.parametrize(
    ("state", "code", "wait"), [("loading", "model_loading", "2"), ("failed", "engine_unavailable", "60")]
)
def test_without_a_model_nothing_is_accepted(as_alice: APIClient, state: str, code: str, wait: str) -> None:
    note(state=state, model=None)
    answer = as_alice.post(URL, {"prompt": "a red house"})
    problem_of(answer, 503, code)
    assert (answer["Retry-After"], Generation.objects.count()) == (wait, 0)


def test_what_the_model_does_is_known(engine: DistantEngine, params: Callable[..., GenerationParams]) -> None:
    inpainting = asdict(FACTS) | {"request_types": [RequestType.INPAINTING]}
    WorkerNote.objects.write("one", "ready", inpainting, {})
    with pytest.raises(ParamsError):
        engine.check(params())


@pytest.mark.django_db(transaction=True)
def test_health_is_that_of_the_workers(nobody: APIClient) -> None:
    assert nobody.get("/api/v1/health-check").json()["checks"]["engine"] == "stopped"
    note()
    health.forget()
    found = nobody.get("/api/v1/health-check").json()
    assert (found["status"], found["workers"][0]["model"]) == ("ok", FACTS.name)


def test_what_only_the_worker_can_know_is_told_clearly(
    use_engine: UseEngine, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Noise, params: GenerationParams) -> None:
        raise ParamsError("scheduler", "Cannot do so many steps.")

    monkeypatch.setattr(Noise, "check", refuse)
    use_engine("Noise")
    note()
    problem_of(as_alice.post(URL, {"prompt": "a red house"}), 422, "cannot_draw")
    generation = Generation.objects.get()
    assert (generation.status, generation.error_code) == (Status.FAILED, "cannot_draw")


def test_a_worker_that_winds_up_leaves(use_engine: UseEngine) -> None:
    use_engine("Noise")
    worker = Worker()
    worker.keeper.note()
    worker.finish(0)
    assert not WorkerNote.objects.exists()
