from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from rest_framework.test import APIClient

from generation import availability
from generation.dispatch import get_exchange
from generation.engine import EngineState
from monitoring import probes

URL = "/api/v1/health-check"


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An engine whose state a test can set."""
    engine = SimpleNamespace(state=EngineState.READY)
    monkeypatch.setattr(availability, "get_engine", lambda: engine)
    return engine


def test_it_works(nobody: APIClient) -> None:
    response = nobody.get(URL)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "detail": "Ready to draw.",
        "checks": {"database": "ok", "storage": "ok", "engine": "ready"},
    }


@pytest.mark.parametrize(
    ("state", "status", "retry_after"),
    [
        (EngineState.LOADING, "loading", "2"),
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


def broken(error: Exception) -> object:
    def probe(*_: object) -> None:
        raise error

    return probe


def test_a_database_that_does_not_answer(nobody: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "connection", SimpleNamespace(cursor=broken(DatabaseError("gone"))))
    response = nobody.get(URL)
    assert response.status_code == 503
    assert response.json()["detail"] == "The database does not answer."


@pytest.mark.parametrize("has_room", [lambda: False, broken(FileNotFoundError("gone"))])
def test_a_storage_without_room(nobody: APIClient, monkeypatch: pytest.MonkeyPatch, has_room: object) -> None:
    monkeypatch.setattr(probes, "has_room", has_room)
    response = nobody.get(URL)
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "storage": "failed", "engine": "ready"}


def test_a_wrong_token_does_not_matter(nobody: APIClient) -> None:
    nobody.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert nobody.get(URL).status_code == 200


def test_a_server_that_is_being_stopped(nobody: APIClient) -> None:
    get_exchange().close()
    response = nobody.get(URL)
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response.json()["detail"] == "The server is being stopped."
