"""Servers of the benchmark's own: gunicorn with one contender as its engine, a fresh database, many users."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import psutil

from generation.benchmark.load import Target, connect
from generation.engine import ModelFacts
from generation.params import RequestType, SchedulerName

HOST = "127.0.0.1"
PATIENCE = 900.0
PAUSE = 0.1
STOP_SECONDS = 60.0
ALLOWANCE = str(2**31 - 1)
USERS = 32

REGISTER = "from generation.benchmark.users import print_tokens; print_tokens({count})"


class ServerDidNotStartError(Exception):
    """The server ended, or its model was not loaded in time. The text ends with its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `started` is the moment of `perf_counter` at which gunicorn was called."""

    target: Target
    process: subprocess.Popen[bytes]
    started: float
    log: Path

    def wait_until_ready(self) -> None:
        """Until its model is loaded. Raises `ServerDidNotStartError`."""
        deadline = perf_counter() + PATIENCE
        while perf_counter() < deadline and self.process.poll() is None:
            if _is_healthy(self.target):
                return
            sleep(PAUSE)
        raise ServerDidNotStartError(self.log.read_text(errors="replace")[-2000:])

    def model(self) -> ModelFacts:
        """What the server tells of its model."""
        _, content = _get(self.target, "capabilities")
        facts = json.loads(content)
        model = facts["models"][0]
        return ModelFacts(
            name=model["name"],
            family=model["family"],
            native_width=model["native_width"],
            native_height=model["native_height"],
            num_inference_steps=model["defaults"]["num_inference_steps"],
            guidance_scale=model["defaults"]["guidance_scale"],
            scheduler=SchedulerName(model["defaults"]["scheduler"]),
            request_types=tuple(RequestType(kind) for kind in facts["request_types"]),
            device="",
            dtype="",
        )

    def resident_bytes(self) -> int:
        """Of the server and its worker together."""
        server = psutil.Process(self.process.pid)
        return sum(process.memory_info().rss for process in [server, *server.children(recursive=True)])


@contextmanager
def running(root: Path, settings: dict[str, str], cache: Path | None = None) -> Iterator[Server]:
    """A server of the code in `root`, with `settings` in its environment, until the block ends.

    What is made once from a model is kept in `cache`, so that servers that come later need not make it again.
    """
    with TemporaryDirectory(prefix="benchmark-") as folder:
        port = free_port()
        own = {"DATA_DIR": folder, "HOST": HOST, "PORT": str(port), "DEFAULT_ALLOWANCE": ALLOWANCE}
        wide = {"MAX_PIXELS": str(2048 * 2048), "DEFAULT_UNFINISHED": "256", "RATE_LIMITS": "false"}
        environment = os.environ | wide | own | settings
        if cache is not None:
            (Path(folder) / "models").symlink_to(cache, target_is_directory=True)
        _manage(root, environment, "migrate", "--verbosity", "0")
        register = REGISTER.format(count=USERS)
        tokens = _manage(root, environment, "shell", "--no-imports", "--command", register).split()
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            started = perf_counter()
            gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi"]
            process = subprocess.Popen(
                gunicorn, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
            try:
                yield Server(Target(HOST, port, tuple(tokens)), process, started, log)
            finally:
                _end(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _manage(root: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """What a management command prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _is_healthy(target: Target) -> bool:
    try:
        return _get(target, "health-check")[0] == 200
    except (HTTPException, OSError):
        return False


def _get(target: Target, path: str) -> tuple[int, bytes]:
    with closing(connect(target)) as connection:
        connection.request("GET", f"/api/v1/{path}")
        answer = connection.getresponse()
        return answer.status, answer.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
