"""A request is followed by one id: through nginx, the process that answers, the worker, and what tells its webhook."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import cluster, nginx
from tests import receiver as receivers
from tests.cluster import wait

PROMPT = "a house that nobody else asks for"
SETTINGS = {
    "SD_ENGINE": "tests.generation.stand_ins.Quick",
    "LOG_FORMAT": "json",
    "TRUSTED_PROXIES": "1",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
}

pytestmark = pytest.mark.slow


def line(folder: Path, process: str, logger: str) -> dict[str, Any] | None:
    """The last line that it has written there."""
    (log,) = folder.glob(f"{process}-*.log")
    lines = [json.loads(each) for each in log.read_text().splitlines() if each.startswith("{")]
    return next((each for each in reversed(lines) if each["logger"] == logger), None)


def test_it_works(tmp_path: Path) -> None:
    with ExitStack() as stack:
        receiver = stack.enter_context(receivers.running())
        group = stack.enter_context(cluster.running(tmp_path, tmp_path, **SETTINGS))
        web = group.web()
        group.worker()
        wait(web.healthy)
        url = stack.enter_context(nginx.running(web.url, tmp_path))
        hook = {"url": receiver.url, "events": ["generation.succeeded"]}
        answer = web.register("alice").at(url).draw(prompt=PROMPT, webhook=hook)
        assert answer.status_code == 200, answer.text
        told = wait(lambda: line(tmp_path, "worker", "generation.models.deliveries"))
        answered, drawn = (
            line(tmp_path, "web", "sdsite.request"),
            line(tmp_path, "worker", "generation.work.worker"),
        )
    name = answer.headers["X-Request-Id"]
    assert f"POST /api/v1/text-to-image-generator 200 {len(answer.content)}" in _of(tmp_path, name)
    ids = {key: told[key] for key in ("request_id", "user_id", "generation_id")}
    assert ids["request_id"] == name
    assert ids["generation_id"] == answer.json()["id"]
    assert answered
    assert drawn
    assert answered["path"] == "/api/v1/text-to-image-generator"
    assert ids.items() <= answered.items() & drawn.items()
    assert PROMPT not in "".join(log.read_text() for log in tmp_path.glob("*.log"))


def _of(folder: Path, name: str) -> str:
    (found,) = (each for each in (folder / "access.log").read_text().splitlines() if f"[{name}]" in each)
    return found
