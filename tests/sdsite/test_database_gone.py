"""What people see while the database is gone: pages asked for in a process whose PostgreSQL was stopped under it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import postgres

ROOT = Path(__file__).parents[2]
ASKED = [
    ("get", "/", "text/html"),
    ("get", "/session/", "text/html"),
    ("post", "/session/", "text/html"),
    ("get", "/nothing", "text/html"),
    ("get", "/admin/", "text/html"),
    ("get", "/admin/accounts/user/", "text/html"),
    ("get", "/admin/", "application/json"),
    ("get", "/api/v1/account", "text/html"),
    ("get", "/api/v1/account", "application/json"),
]

ASKING = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from sdsite import databases
databases.CONNECT_SECONDS = 1
import django
django.setup()
from django.db import connection
from django.test import Client

with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
connection.close()
print("ready", flush=True)

def ask(method, path, accept):
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "s" * 32
    form = {"email": "carol@example.com", "password": "wrong horse"} if method == "post" else None
    answer = getattr(browser, method)(path, form, headers={"accept": accept})
    return answer.status_code, dict(answer.headers), answer.content.decode()

with ThreadPoolExecutor(8) as pool:
    print(json.dumps(list(pool.map(lambda each: ask(*each), json.loads(sys.stdin.readline())))))
connection.close_pool()
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    settings = {
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "DJANGO_SETTINGS_MODULE": "sdsite.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with postgres.running() as url:
        environment = os.environ | settings | {"DATABASE_URL": url}
        process = subprocess.Popen(
            [sys.executable, "-c", ASKING], cwd=ROOT, env=environment, text=True, **pipes
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    out, log = process.communicate(json.dumps(ASKED) + "\n", timeout=60)
    assert process.returncode == 0, log
    return {"log": log, **dict(zip(ASKED, json.loads(out), strict=True))}


@pytest.mark.parametrize("what", ASKED)
def test_it_says_when_to_come_again(asked: dict[Any, Any], what: tuple[str, str, str]) -> None:
    status, headers, _ = asked[what]
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert headers["X-Request-Id"]


@pytest.mark.parametrize("what", [each for each in ASKED if each[2] == "text/html" and "api" not in each[1]])
def test_a_person_gets_a_page(asked: dict[Any, Any], what: tuple[str, str, str]) -> None:
    _, headers, content = asked[what]
    assert headers["Content-Type"].startswith("text/html")
    assert "Please try again in a moment" in content
    assert "127.0.0.1" not in content


@pytest.mark.parametrize("what", [each for each in ASKED if each[2] != "text/html" or "api" in each[1]])
def test_a_program_gets_a_problem(asked: dict[Any, Any], what: tuple[str, str, str]) -> None:
    _, headers, content = asked[what]
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(content)["code"] == "service_unavailable"


def test_the_log_says_why(asked: dict[Any, Any]) -> None:
    assert "the database does not answer" in asked["log"]
    assert "Traceback" not in asked["log"]
