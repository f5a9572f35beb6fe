"""A stop of the server: those who watch are let go at once, and what is being drawn is finished."""

import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests

from tests import server
from tests.generation import tiny_model

pytestmark = pytest.mark.slow
BODY: dict[str, Any] = {"prompt": "a red house", "num_inference_steps": 150, "num_images": 8}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    tiny_model.build(tmp_path / "tiny")
    return tmp_path / "tiny"


def registered(url: str) -> dict[str, str]:
    body = {"email": "alice@example.com", "password": "seven green umbrellas"}
    token = requests.post(f"{url}/register", json=body, timeout=30).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def rows(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "db.sqlite3") as database:
        return database.execute("SELECT status, attempts, lease FROM generation_generation").fetchall()


def test_it_works(tmp_path: Path, model: Path) -> None:
    with server.running(tmp_path, model, SHUTDOWN_GRACE="25") as address:
        url = f"{address}/api/v1"
        mine = registered(url)
        place = requests.post(
            f"{url}/text-to-image-generator",
            json=BODY,
            headers=mine | {"Prefer": "respond-async"},
            timeout=30,
        ).headers["Location"]
        stream = requests.get(f"{address}{place}/events", headers=mine, stream=True, timeout=30)
        lines = stream.iter_lines(decode_unicode=True)
        assert any(line == "event: progress" for line in lines)
        stopped_at = monotonic()
    assert monotonic() - stopped_at < 30
    assert "event: succeeded" not in list(lines)
    assert rows(tmp_path) == [("succeeded", 1, None)]


def test_what_takes_longer_waits_for_the_next_start(tmp_path: Path, model: Path) -> None:
    with server.running(tmp_path, model, SHUTDOWN_GRACE="0") as address:
        url = f"{address}/api/v1"
        headers = registered(url) | {"Prefer": "respond-async"}
        for _ in range(4):
            requests.post(f"{url}/text-to-image-generator", json=BODY, headers=headers, timeout=30)
    assert ("queued", 0, None) in rows(tmp_path)
    assert {status for status, _, _ in rows(tmp_path)} <= {"queued", "succeeded"}
