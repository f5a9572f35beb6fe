from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from generation.dispatch import get_exchange
from generation.engine import EngineState
from generation.engine.figures import Figures
from monitoring import probes
from monitoring.clock import Clock
from monitoring.probes import Line
from tests.generation.runners import FACTS
from tests.problems import problem_of

URL = "/api/v1/health-check"


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An engine whose state a test can set."""
    engine = SimpleNamespace(state=EngineState.READY, figures=Figures(), model=FACTS)
    monkeypatch.setattr(probes, "running_engine", lambda: engine)
    return engine


def test_it_works(nobody: APIClient) -> None:
    response = nobody.get(URL)
    body = response.json()
    assert response.status_code == 200
    assert (body["status"], body["detail"], body["version"]) == ("ok", "Ready to draw.", "1.0.0")
    parts = ("database", "storage", "cache", "broker", "queue", "engine", "clock")
    assert tuple(body["checks"].values()) == ("ok", "ok", "unused", "unused", "ok", "ready", "ok")
    assert tuple(body["checks"]) == parts
    assert body["storage"]["free_bytes"] > body["storage"]["reserve_bytes"] > 0
    assert body["queue"] == {"length": 0, "limit": 256}
    worker = {"state": "ready", "model": "fake", "last_tick_seconds": None, "seen_seconds": 0.0}
    assert body["workers"] == [worker]


@pytest.mark.parametrize(
    ("state", "status", "retry_after"),
    [
        (EngineState.LOADING, "loading", "2"),
        (EngineState.LOST, "unavailable", "30"),
        (EngineState.FAILED, "unavailable", "30"),
        (EngineState.STOPPED, "unavailable", "30"),
    ],
)
def test_an_engine_that_cannot_draw(
    nobody: APIClient, engine: SimpleNamespace, state: EngineState, status: str, retry_after: str
) -> None:
    engine.state = state
    response = nobody.get(URL)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/json"
    assert response["Retry-After"] == retry_after
    assert response.json()["status"] == status
    assert response.json()["checks"]["engine"] == state
    assert nobody.get("/api/v1/ready").status_code == 503


def broken(error: Exception) -> Any:
    def probe(*_: object) -> None:
        raise error

    return probe


@pytest.mark.parametrize("has_room", [lambda: False, broken(FileNotFoundError("gone"))])
def test_a_storage_without_room(nobody: APIClient, monkeypatch: pytest.MonkeyPatch, has_room: object) -> None:
    monkeypatch.setattr(probes, "has_room", has_room)
    response = nobody.get(URL)
    assert response.status_code == 503
    assert response.json()["checks"]["storage"] == "failed"
    assert response.json()["detail"] == "There is no room for more pictures."


def test_a_wrong_token_does_not_matter(nobody: APIClient) -> None:
    nobody.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert nobody.get(URL).status_code == 200


def test_only_machines_near_by_need_no_token_to_ask_how_a_process_is(
    nobody: APIClient, as_alice: APIClient
) -> None:
    for path in ("/api/v1/ready", "/api/v1/live"):
        assert nobody.get(path, REMOTE_ADDR="10.1.2.3").status_code == 200
        problem_of(nobody.get(path, REMOTE_ADDR="203.0.113.9"), 401, "not_authenticated")
        assert as_alice.get(path, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_server_that_is_being_stopped(nobody: APIClient) -> None:
    get_exchange().close()
    response = nobody.get(URL)
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response.json()["detail"] == "The server is being stopped."
    assert nobody.get("/api/v1/ready").json() == {"ready": False, "detail": "The server is being stopped."}
    assert nobody.get("/api/v1/live").json() == {"alive": True}


def test_a_full_queue_is_no_reason_to_send_nobody(nobody: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "queue", lambda: Line(256, 256))
    response = nobody.get(URL)
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["detail"] == "The queue is full."
    assert nobody.get("/api/v1/ready").status_code == 200


def test_a_process_that_only_answers_needs_no_worker_to_be_ready(
    nobody: APIClient, settings: Settings
) -> None:
    settings.MANY_MACHINES = True
    assert nobody.get(URL).status_code == 503
    assert nobody.get("/api/v1/ready").status_code == 200


def test_whoever_is_alive_touches_nothing(client: Client) -> None:
    assert client.get("/api/v1/live").json() == {"alive": True}


def test_a_clock_that_was_set_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    assert not clock.jumped
    monkeypatch.setattr(clock, "_difference", lambda: 3600.0)
    assert clock.jumped
    assert clock.jumped
