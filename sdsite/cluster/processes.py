"""Processes that belong together: each writes a log of its own, and all end when this one does."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

STOP_SECONDS = 60


class Ended(Exception):
    """A process ended that should not have."""


class Processes:
    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str]) -> None:
        with self._log(name).open("wb") as log:
            # In a session of its own, so that Ctrl-C reaches this process alone, which stops them one after the other.
            self._running[name] = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise `Ended`, with the end of its log, where one has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                lines = self._log(name).read_text(errors="replace").splitlines()[-20:]
                raise Ended("\n".join([f"{name} has ended with status {process.returncode}.", *lines]))

    def stop(self) -> None:
        """All at once but the first that was started, which the others need until their end."""
        running = list(self._running.values())
        for together in (running[1:], running[:1]):
            for process in together:
                process.terminate()
            for process in together:
                _wait(process)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name.replace(' ', '-')}.log"


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
