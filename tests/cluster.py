"""The many-machine form on this one: PostgreSQL, Redis, and processes that a test may start, stop and kill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests import evidence, postgres, redis
from tests.server import ROOT, environment_of, free_port, healthy, manage

PATIENCE = 60


class Cluster:
    """Its processes are this one's children; each writes a log into `folder`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = os.environ | environment
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def web(self, **settings: str) -> "Web":
        port = free_port()
        return Web(self.start("web", "gunicorn", PORT=str(port), **settings), f"http://127.0.0.1:{port}")

    def worker(self, **settings: str) -> subprocess.Popen[bytes]:
        return self.start(
            "worker", "celery", "-A", "sdsite", "worker", "--without-mingle", "--without-gossip", **settings
        )

    def beat(self) -> subprocess.Popen[bytes]:
        return self.start("beat", "celery", "-A", "sdsite", "beat", "--pidfile=")

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        """Those that do not end by themselves are killed."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


class Web:
    """One gunicorn, and how to speak to it with a token of its user."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url

    def register(self, name: str) -> "Client":
        body = {"email": f"{name}@example.com", "password": "seven green umbrellas"}
        answer = requests.post(f"{self.url}/api/v1/register", json=body, timeout=30)
        answer.raise_for_status()
        return Client(self.url, answer.json()["token"])

    def healthy(self) -> bool:
        return healthy(self.url)


class Client:
    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}

    def at(self, url: str) -> "Client":
        """The same user, through another process."""
        client = Client(url, "")
        client.headers = self.headers
        return client

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=30)

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.url}/api/v1{path}", json=body, headers=self.headers | headers, timeout=60
        )

    def draw(self, prefer: str = "", **changes: Any) -> requests.Response:
        body = {"prompt": "a red house", "width": 64, "height": 64} | changes
        headers = {"Prefer": prefer} if prefer else {}
        return self.post("/text-to-image-generator", body, **headers)


@contextmanager
def running(folder: Path, model: Path, **settings: str) -> Iterator[Cluster]:
    """A cluster whose database is migrated and empty. No process is started yet."""
    with ExitStack() as stack:
        database, broker = stack.enter_context(postgres.running()), stack.enter_context(redis.running())
        environment = environment_of(folder, model) | {
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "CELERY_BROKER_URL": broker,
            "WEB_PROCESSES": "1",
        }
        cluster = Cluster(folder, **environment | settings)
        stack.enter_context(evidence.of_server(folder.name, folder))
        manage(environment | settings, "migrate", "--verbosity", "0")
        manage(environment | settings, "collectstatic", "--no-input", "--verbosity", "0")
        stack.callback(cluster.stop)
        yield cluster


def wait(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `condition` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("It did not come about.")
        time.sleep(0.1)
    return found
