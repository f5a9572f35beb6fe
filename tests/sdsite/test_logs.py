"""What a line of the log says, for people and for machines."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import trail
from accounts.models import User
from generation.engine import Engine
from generation.models import Generation, Origin
from generation.params import GenerationParams
from generation.work.worker import Worker
from sdsite.logs import JsonFormatter, TrailFilter
from tests.generation.conftest import make_engine, params, submit, use_engine
from tests.server import ROOT

__all__ = ["make_engine", "params", "submit", "use_engine"]

URL = "/api/v1/text-to-image-generator"
SECRET = "a prompt of my own"


class Lines(logging.Handler):
    """Keeps what would be written, as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(TrailFilter())
        self.setFormatter(JsonFormatter())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    trail.begin("")


def test_it_works(as_alice: APIClient, alice: User, lines: Lines) -> None:
    as_alice.get("/api/v1/account?q=1", headers={"X-Request-Id": "r1"})
    (line,) = lines.of("sdsite.request")
    assert (line["request_id"], line["user_id"]) == ("r1", str(alice.pk))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/account", 200)
    assert line["level"] == "INFO"


def test_a_request_is_followed_from_the_door_to_the_worker(
    as_alice: APIClient, lines: Lines, use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Blank")
    answer = as_alice.post(URL, {"prompt": SECRET}, headers={"X-Request-Id": "r2"})
    assert answer.status_code == 500
    (drawn,), (request,) = lines.of("generation.work.worker"), lines.of("sdsite.request")
    generation = str(Generation.objects.get().id)
    assert (drawn["request_id"], drawn["generation_id"]) == ("r2", generation)
    assert (request["generation_id"], request["level"]) == (generation, "WARNING")
    assert (request["code"], request["reason"]) == ("generation_failed", "invalid_output")
    assert SECRET not in json.dumps(lines.lines)


def test_a_worker_elsewhere_knows_it_from_the_row(
    alice: User, params: Callable[..., GenerationParams], lines: Lines, use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Blank")
    generation = Generation.objects.submit(alice, params(), model="fake", cost=1, origin=Origin("r3"))
    trail.begin("")
    Worker().draw_next()
    (line,) = lines.of("generation.work.worker")
    assert (line["request_id"], line["user_id"]) == ("r3", str(alice.pk))
    assert line["generation_id"] == str(generation.id)
    assert trail.trail() == {}


def test_a_slow_answer_is_warned_of(as_alice: APIClient, lines: Lines, settings: Settings) -> None:
    settings.SLOW_REQUEST_SECONDS = 0.0
    as_alice.get("/api/v1/account")
    (line,) = lines.of("sdsite.request")
    assert (line["level"], line["slow"]) == ("WARNING", True)
    assert line["message"].endswith(" slow")


def test_the_wait_for_a_picture_is_not_slow(
    as_alice: APIClient, lines: Lines, settings: Settings, use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Noise")
    settings.SLOW_REQUEST_SECONDS = 0.0
    assert as_alice.post(URL, {"prompt": SECRET}).status_code == 200
    (line,) = lines.of("sdsite.request")
    assert line["level"] == "INFO"


def test_a_traceback_stands_in_its_line(lines: Lines) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("any").exception("it broke")
    (line,) = lines.of("any")
    assert line["exception"].endswith("ValueError: no")
    assert "\n" not in json.dumps(line)


@pytest.mark.parametrize(("form", "begins"), [("json", '{"time": '), ("text", "20")])
def test_the_setting_says_how(form: str, begins: str) -> None:
    code = (
        "import logging.config; from sdsite import settings; "
        "logging.config.dictConfig(settings.LOGGING); logging.getLogger('any').warning('hello')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"LOG_FORMAT": form, "SECRET_KEY": "x", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr.startswith(begins)
    assert "hello" in run.stderr
