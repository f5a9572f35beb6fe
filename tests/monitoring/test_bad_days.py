"""Days on which a part is truly gone: health, Prometheus and the page of staff name it in seconds, and never hang."""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests import cluster, postgres, redis, server
from tests.cluster import Client, Web, wait
from tests.conftest import PASSWORD

STAND_INS = "tests.generation.stand_ins"
STAFF = "carol@example.com"
SETTINGS = {"METRICS_NETWORKS": "127.0.0.0/8", "SHUTDOWN_GRACE": "0", "LOG_FORMAT": "text"}
SECONDS = 5
# One look at a part that hangs, and what else an answer takes.
DEADLINE = 1.5

pytestmark = pytest.mark.slow


class Page:
    """The staff's page, open since before it happened: it is told of parts as they change."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        superuser = environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        server.manage(superuser, "createsuperuser", "--no-input", "--email", STAFF)
        session = requests.Session()
        form = session.get(f"{url}/session/", timeout=10).text
        secret = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[0]
        fields = {"csrfmiddlewaretoken": secret, "email": STAFF, "password": PASSWORD}
        session.post(f"{url}/session/?next=/admin/monitoring/", data=fields, timeout=10)
        self._stream = session.get(f"{url}/admin/monitoring/events", stream=True, timeout=10)
        assert self._stream.headers["Content-Type"] == "text/event-stream"
        self._lines = self._stream.iter_lines(chunk_size=1)

    def told(self, part: str, state: str) -> bool:
        """Wait until it is told that the part is so."""
        for line in self._lines:
            found = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            if found.get("checks", {}).get(part) == state:
                return True
        return False

    def close(self) -> None:
        self._stream.close()


def health(url: str) -> requests.Response:
    began = time.monotonic()
    answer = requests.get(f"{url}/api/v1/health-check", timeout=10)
    assert time.monotonic() - began < DEADLINE
    return answer


def seen(url: str, part: str, state: str) -> dict[str, Any]:
    """What health says once it says that of the part, which is soon; Prometheus is told the same."""
    body: dict[str, Any] = wait(lambda: _with(health(url).json(), part, state), SECONDS)
    good = int(state in ("ok", "ready"))
    wait(lambda: f'sd_up{{part="{part}"}} {good}.0' in metrics(url), SECONDS)
    assert requests.get(f"{url}/api/v1/live", timeout=1).status_code == 200
    return body


def _with(body: dict[str, Any], part: str, state: str) -> dict[str, Any] | None:
    return body if body["checks"][part] == state else None


def metrics(url: str) -> str:
    return requests.get(f"{url}/api/v1/metrics", timeout=10).text


@contextmanager
def stopped(port: int) -> Iterator[None]:
    """Whoever listens there neither answers nor goes away."""
    listening = [each for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    pids = {each.pid for each in listening if each.pid and each.laddr and each.laddr.port == port}
    family = [child for pid in pids for child in (psutil.Process(pid), *psutil.Process(pid).children())]
    others = {os.getpid(), os.getppid()}
    listeners = [
        one for one in family if one.pid not in others and one.name() in ("postgres", "redis-server")
    ]
    assert listeners
    for one in listeners:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in listeners:
            os.kill(one.pid, signal.SIGCONT)


def port_of(url: str) -> int:
    return int(re.findall(r":(\d+)/", url)[0])


def test_a_database_that_hangs_and_one_that_is_gone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(ExitStack())
        address = database.enter_context(postgres.running())
        settings = SETTINGS | {"DATABASE_URL": address, "SD_ENGINE": f"{STAND_INS}.Quick"}
        environment = server.environment_of(tmp_path, tmp_path) | settings
        server.manage(environment, "migrate", "--verbosity", "0")
        url = stack.enter_context(server.running(tmp_path, tmp_path, **settings))
        page = Page(url, environment)
        stack.callback(page.close)
        with stopped(port_of(address)):
            found = seen(url, "database", "failed")
            assert (found["status"], found["detail"]) == ("unavailable", "The database does not answer.")
            assert page.told("database", "failed")
        seen(url, "database", "ok")
        wait(lambda: health(url).json()["status"] == "ok", SECONDS)
        assert page.told("database", "ok")
        database.close()
        assert seen(url, "database", "failed")["queue"] is None
        assert requests.get(f"{url}/api/v1/ready", timeout=5).status_code == 503
        assert page.told("database", "failed")


def test_a_broker_that_hangs_and_one_that_is_gone(tmp_path: Path) -> None:
    settings = SETTINGS | {"SD_ENGINE": f"{STAND_INS}.Quick"}
    with ExitStack() as stack:
        broker = stack.enter_context(ExitStack())
        database, address = stack.enter_context(postgres.running()), broker.enter_context(redis.running())
        settings |= {
            "DATABASE_URL": database,
            "REDIS_URL": address,
            "CELERY_BROKER_URL": address,
            "WEB_PROCESSES": "1",
        }
        group = cluster.Cluster(tmp_path, **server.environment_of(tmp_path, tmp_path) | settings)
        server.manage(group.environment, "migrate", "--verbosity", "0")
        stack.callback(group.stop)
        web = group.web()
        group.worker()
        wait(web.healthy)
        page = Page(web.url, group.environment)
        stack.callback(page.close)
        with stopped(port_of(address)):
            assert seen(web.url, "broker", "failed")["status"] == "unavailable"
            assert health(web.url).json()["checks"]["cache"] == "failed"
            assert page.told("broker", "failed")
        wait(web.healthy)
        broker.close()
        assert seen(web.url, "cache", "failed")["detail"] == "The cache does not answer."
        assert page.told("broker", "failed")


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free // 2**20
    settings = SETTINGS | {"STORAGE_RESERVE_MB": str(free - 2000), "SD_ENGINE": f"{STAND_INS}.Quick"}
    with server.running(tmp_path, tmp_path, **settings) as url:
        page = Page(url, server.environment_of(tmp_path, tmp_path))
        filler = tmp_path / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 4000 * 2**20)
        found = seen(url, "storage", "failed")
        assert found["storage"]["free_bytes"] < found["storage"]["reserve_bytes"]
        assert page.told("storage", "failed")
        filler.unlink()
        seen(url, "storage", "ok")
        page.close()


def test_an_engine_that_is_stuck(tmp_path: Path) -> None:
    settings = SETTINGS | {"SD_ENGINE": f"{STAND_INS}.Stuck", "SD_TICK_TIMEOUT": "1"}
    with server.running(tmp_path, tmp_path, **settings) as url:
        page = Page(url, server.environment_of(tmp_path, tmp_path))
        Web(None, url).register("alice").draw("respond-async")  # type: ignore[arg-type]
        found = seen(url, "engine", "stuck")
        assert found["detail"] == "The engine is stuck in one step."
        assert 'sd_engines{state="stuck"} 1.0' in wait(lambda: _stuck(url), 2 * SECONDS)
        assert page.told("engine", "stuck")
        page.close()


def _stuck(url: str) -> str:
    text = metrics(url)
    return text if 'sd_engines{state="stuck"} 1.0' in text else ""


def test_a_device_that_is_lost(tmp_path: Path) -> None:
    settings = SETTINGS | {"SD_ENGINE": f"{STAND_INS}.Lost"}
    with cluster.running(tmp_path, tmp_path, **settings) as group:
        web, worker = group.web(), group.worker()
        wait(web.healthy)
        alice: Client = web.register("alice")
        place = alice.draw("respond-async").headers["Location"]
        found = seen(web.url, "engine", "stopped")
        assert (found["status"], found["workers"]) == ("unavailable", [])
        assert worker.wait(10) == os.EX_SOFTWARE
        assert alice.get(place).json()["status"] == "queued"


def test_at_rest_it_answers_at_once(tmp_path: Path) -> None:
    with server.running(tmp_path, tmp_path, **SETTINGS, SD_ENGINE=f"{STAND_INS}.Quick") as url:
        session = requests.Session()
        taken = []
        for _ in range(20):
            began = time.monotonic()
            assert session.get(f"{url}/api/v1/health-check", timeout=5).ok
            taken.append(time.monotonic() - began)
            time.sleep(0.1)
    assert sorted(taken)[10] < 0.01
