"""Whole services of several processes, each of which can be killed at any moment and is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import requests

from tests.server import ROOT, environment_of, free_port, manage

READY_SECONDS = 60


class House:
    """Starts `commands`, by name; each has the port of the whole in its environment."""

    def __init__(self, folder: Path, commands: dict[str, Sequence[str]], **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = (
            os.environ
            | environment_of(folder, Path())
            | {"SD_MODEL": "", "SD_ENGINE": "tests.faults.engines.Sleeping", "PORT": str(self.port)}
            | {"HOST": "127.0.0.1", "LOG_LEVEL": "WARNING"}
            | settings
        )
        self.commands = commands
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        manage(self.environment, "migrate", "--verbosity", "0")

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *self.commands[name]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """With all that it has started, and no time for anything."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.healthy():
            if time.monotonic() > deadline:
                raise AssertionError(f"It does not come back.\n{self.logs()}")
            time.sleep(0.05)

    def healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/v1/health-check", timeout=2).ok
        except requests.RequestException:
            return False

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


GUNICORN = ("gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi")


def one_machine(folder: Path, **settings: str) -> House:
    return House(folder, {"web": GUNICORN}, **settings)
