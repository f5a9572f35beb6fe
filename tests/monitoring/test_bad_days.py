"""Days on which a part is truly gone: health, Prometheus and the page of staff name it in seconds, and never hang."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Thread

import psutil
import pytest
import requests

from tests import cluster, postgres, redis, server
from tests.clocks import Clock
from tests.cluster import Web, wait
from tests.monitoring.witnesses import SECONDS, Witnesses, health, metrics

STAND_INS = "tests.generation.stand_ins"
SETTINGS = {"METRICS_NETWORKS": "127.0.0.0/8", "SHUTDOWN_GRACE": "0", "LOG_FORMAT": "text"}
QUICK = SETTINGS | {"SD_ENGINE": f"{STAND_INS}.Quick"}

pytestmark = pytest.mark.slow
now = time.monotonic


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


@contextmanager
def happening(act: Callable[[], None]) -> Iterator[float]:
    """When it began: it is over some time after it is felt."""
    thread, since = Thread(target=act), now()
    thread.start()
    try:
        yield since
    finally:
        thread.join()


@contextmanager
def watched(folder: Path, **settings: str) -> Iterator[Witnesses]:
    """A server of one process, and who watches over it."""
    with (
        server.running(folder, folder, **settings) as url,
        closing(Witnesses(url, server.environment_of(folder, folder))) as witnesses,
    ):
        yield witnesses


def test_a_database_that_hangs_and_one_that_is_gone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(ExitStack())
        address = database.enter_context(postgres.running())
        settings = QUICK | {"DATABASE_URL": address}
        environment = server.environment_of(tmp_path, tmp_path) | settings
        server.manage(environment, "migrate", "--verbosity", "0")
        url = stack.enter_context(server.running(tmp_path, tmp_path, **settings))
        witnesses = stack.enter_context(closing(Witnesses(url, environment)))
        detail = "The database does not answer."
        with stopped(port_of(address)):
            assert witnesses.see("database", "failed", detail, since=now())["status"] == "unavailable"
            assert requests.get(f"{url}/api/v1/live", timeout=1).status_code == 200
        witnesses.see("database", "ok", since=now())
        wait(lambda: health(url).json()["status"] == "ok", SECONDS)
        with happening(database.close) as since:
            assert witnesses.see("database", "failed", detail, since=since)["queue"] is None
        assert requests.get(f"{url}/api/v1/ready", timeout=5).status_code == 503


def test_a_broker_that_hangs_and_one_that_is_gone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        broker = stack.enter_context(ExitStack())
        database, address = stack.enter_context(postgres.running()), broker.enter_context(redis.running())
        settings = QUICK | {
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
        witnesses = stack.enter_context(closing(Witnesses(web.url, group.environment)))
        # Both are one Redis here, and the cache is named first.
        detail = "The cache does not answer."
        with stopped(port_of(address)):
            assert witnesses.see("broker", "failed", detail, since=now())["status"] == "unavailable"
            assert health(web.url).json()["checks"]["cache"] == "failed"
        wait(web.healthy)
        witnesses.see("broker", "ok", since=now())
        with happening(broker.close) as since:
            witnesses.see("broker", "failed", detail, since=since)


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free // 2**20
    with watched(tmp_path, **QUICK, STORAGE_RESERVE_MB=str(free - 2000)) as witnesses:
        since, filler = now(), tmp_path / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 4000 * 2**20)
        found = witnesses.see("storage", "failed", "There is no room for more pictures.", since=since)
        assert found["storage"]["free_bytes"] < found["storage"]["reserve_bytes"]
        since = now()
        filler.unlink()
        witnesses.see("storage", "ok", since=since)


def test_an_engine_that_is_stuck(tmp_path: Path) -> None:
    settings = SETTINGS | {"SD_ENGINE": f"{STAND_INS}.Stuck", "SD_TICK_TIMEOUT": "1"}
    with watched(tmp_path, **settings) as witnesses:
        alice = Web(None, witnesses.url).register("alice")  # type: ignore[arg-type]
        since = now()
        alice.draw("respond-async")
        witnesses.see("engine", "stuck", "The engine is stuck in one step.", since=since)
        wait(lambda: 'sd_engines{state="stuck"} 1.0' in metrics(witnesses.url), 2 * SECONDS)


def test_a_device_that_is_lost(tmp_path: Path) -> None:
    with watched(tmp_path, **SETTINGS, SD_ENGINE=f"{STAND_INS}.Lost") as witnesses:
        alice = Web(None, witnesses.url).register("alice")  # type: ignore[arg-type]
        since = now()
        alice.draw("respond-async")
        found = witnesses.see("engine", "lost", "The device is lost.", since=since)
        assert (found["status"], found["workers"][0]["state"]) == ("unavailable", "lost")


@pytest.mark.long
def test_a_device_of_a_worker_elsewhere_that_is_lost(tmp_path: Path) -> None:
    with cluster.running(tmp_path, tmp_path, **SETTINGS, SD_ENGINE=f"{STAND_INS}.Lost") as group:
        web, worker = group.web(), group.worker()
        wait(web.healthy)
        alice = web.register("alice")
        with closing(Witnesses(web.url, group.environment)) as witnesses:
            since = now()
            place = alice.draw("respond-async").headers["Location"]
            found = witnesses.see("engine", "lost", "The device is lost.", since=since)
            assert (found["status"], found["workers"][0]["state"]) == ("unavailable", "lost")
        assert worker.wait(10) == os.EX_SOFTWARE
        assert alice.get(place).json()["status"] == "queued"


@pytest.mark.long
def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """It is missed once it has been silent for longer than one that is only busy."""
    with cluster.running(tmp_path, tmp_path, **QUICK) as group:
        web, worker = group.web(), group.worker()
        wait(web.healthy)
        with closing(Witnesses(web.url, group.environment)) as witnesses:
            since = now()
            worker.kill()
            missed = witnesses.see("engine", "ready", "Not every worker can draw.", since=since, within=15)
            assert missed["status"] == "degraded"
            gone = witnesses.see("engine", "stopped", "No engine runs.", since=since, within=25)
            assert gone["workers"] == []


@pytest.mark.parametrize("offset", ["+1h", pytest.param("-1h", marks=pytest.mark.long)])
def test_a_clock_that_is_set(tmp_path: Path, offset: str) -> None:
    clock = Clock(tmp_path)
    with watched(tmp_path, **QUICK, **clock.environment) as witnesses:
        assert health(witnesses.url).json()["checks"]["clock"] == "ok"
        since = now()
        clock.set(offset)
        found = witnesses.see("clock", "jumped", "The clock was set.", since=since)
        assert found["status"] == "degraded"
        assert Web(None, witnesses.url).register("alice").draw().status_code == 200  # type: ignore[arg-type]


@pytest.mark.long
def test_at_rest_it_answers_at_once(tmp_path: Path) -> None:
    with server.running(tmp_path, tmp_path, **QUICK) as url:
        session = requests.Session()
        taken = []
        for _ in range(20):
            began = now()
            assert session.get(f"{url}/api/v1/health-check", timeout=5).ok
            taken.append(now() - began)
            time.sleep(0.1)
    assert sorted(taken)[10] < 0.01
