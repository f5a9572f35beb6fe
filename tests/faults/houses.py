"""Whole services of several processes, each of which can be killed at any moment and is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres, redis
from tests.server import ROOT, environment_of, free_port, healthy, manage

READY_SECONDS = 60
GUNICORN = ("gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi")
CELERY = ("celery", "-A", "sdsite")
WORKER = (*CELERY, "worker", "--without-mingle", "--without-gossip")
BEAT = (*CELERY, "beat", "--pidfile=")


@dataclass
class House:
    """`commands` are its processes by name, `urls` those of them that answer."""

    folder: Path
    commands: Mapping[str, Sequence[str]]
    urls: Mapping[str, str]
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        port = {"PORT": self.urls[name].rpartition(":")[2]} if name in self.urls else {}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *self.commands[name]],
                cwd=ROOT,
                env={**self.environment, **port},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """With all that it has started, and no time for anything."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def mend(self) -> None:
        """As a supervisor does: start again what has ended."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                self.start(name)

    def wait_until_ready(self) -> None:
        """Until all that answer say that they can draw."""
        deadline = time.monotonic() + READY_SECONDS
        while not all(healthy(url) for url in self.urls.values()):
            if time.monotonic() > deadline:
                raise AssertionError(f"It does not come back.\n{self.logs()}")
            time.sleep(0.05)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))

    def __enter__(self) -> "House":
        for name in self.commands:
            self.start(name)
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for name, process in self.processes.items():
            if process.poll() is None:
                self.kill(name)


@contextmanager
def one_machine(folder: Path, **settings: str) -> Iterator[House]:
    with _house(folder, {"web": GUNICORN}, **settings) as house:
        yield house


@contextmanager
def many_machines(folder: Path, **settings: str) -> Iterator[House]:
    """With a database and a broker of its own."""
    with (
        postgres.running() as database,
        redis.running() as broker,
        several(folder, database, broker, **settings) as house,
    ):
        yield house


def several(folder: Path, database: str, broker: str, **settings: str) -> House:
    """The same on one machine: two that answer, two that draw, one that looks after."""
    commands = {"web-1": GUNICORN, "web-2": GUNICORN, "worker-1": WORKER, "worker-2": WORKER, "beat": BEAT}
    addresses = {"DATABASE_URL": database, "REDIS_URL": broker, "CELERY_BROKER_URL": broker}
    return _house(folder, commands, WEB_PROCESSES="1", **addresses, **settings)


def _house(folder: Path, commands: Mapping[str, Sequence[str]], **settings: str) -> House:
    environment = (
        os.environ
        | environment_of(folder, Path())
        | {"SD_MODEL": "", "SD_ENGINE": "tests.faults.engines.Sleeping"}
        | {"HOST": "127.0.0.1", "LOG_LEVEL": "WARNING", "LEASE_SECONDS": "4"}
        | settings
    )
    manage(environment, "migrate", "--verbosity", "0")
    urls = {
        name: f"http://127.0.0.1:{free_port()}" for name, command in commands.items() if command == GUNICORN
    }
    return House(folder, commands, urls, environment)
