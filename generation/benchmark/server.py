"""Servers of the benchmark's own: gunicorn with one contender as its engine, a fresh database, many users."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import psutil
from django.conf import settings as own_settings

from generation.benchmark.databases import own_database
from generation.benchmark.load import Target, connect
from generation.engine import ModelFacts
from generation.params import RequestType, SchedulerName

HOST = "127.0.0.1"
PATIENCE = 900.0
PAUSE = 0.1
STOP_SECONDS = 60.0
ALLOWANCE = str(2**31 - 1)
USERS = 32

WORKER = ("celery", "-A", "sdsite", "worker", "--without-mingle", "--without-gossip")
REGISTER = "from generation.benchmark.users import print_tokens; print_tokens({count})"


class ServerDidNotStartError(Exception):
    """The server ended, or its model was not loaded in time. The text ends with its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `started` is the moment of `perf_counter` at which gunicorn was called.

    `workers` are processes that draw for it, where it is many processes; all write into one log.
    """

    target: Target
    process: subprocess.Popen[bytes]
    started: float
    log: Path
    root: Path
    environment: Mapping[str, str]
    workers: Sequence[subprocess.Popen[bytes]] = ()

    def manage(self, *arguments: str) -> str:
        """What a management command prints that has the server's settings."""
        return _manage(self.root, self.environment, *arguments)

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
        """Of all its processes together."""
        parents = [psutil.Process(process.pid) for process in (self.process, *self.workers)]
        children = [child for parent in parents for child in parent.children(recursive=True)]
        return sum(process.memory_info().rss for process in parents + children)


@contextmanager
def running(
    root: Path, settings: dict[str, str], cache: Path | None = None, workers: int = 1
) -> Iterator[Server]:
    """A server of the code in `root`, with `settings` in its environment, until the block ends.

    What is made once from a model is kept in `cache`, so that servers that come later need not make it again. Where
    the settings of this process name a broker, the server is many processes, of which `workers` draw.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="benchmark-")))
        port = free_port()
        own = {"DATA_DIR": str(folder), "HOST": HOST, "PORT": str(port), "DEFAULT_ALLOWANCE": ALLOWANCE}
        wide = {"MAX_PIXELS": str(2048 * 2048), "DEFAULT_UNFINISHED": "256", "RATE_LIMITS": "false"}
        database = stack.enter_context(own_database())
        environment = os.environ | wide | own | database | settings
        if cache is not None:
            (folder / "models").symlink_to(cache, target_is_directory=True)
        _manage(root, environment, "migrate", "--verbosity", "0")
        register = REGISTER.format(count=USERS)
        tokens = _manage(root, environment, "shell", "--no-imports", "--command", register).split()
        log = folder / "server.log"

        def start(*command: str) -> subprocess.Popen[bytes]:
            process = _start(root, environment, log, *command)
            stack.callback(_end, process)
            return process

        started = perf_counter()
        process = start("gunicorn", "--config", "gunicorn.conf.py", "sdsite.wsgi")
        drawing = [start(*WORKER) for _ in range(workers if own_settings.MANY_MACHINES else 0)]
        yield Server(Target(HOST, port, tuple(tokens)), process, started, log, root, environment, drawing)


def _start(root: Path, environment: Mapping[str, str], log: Path, *command: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=root,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


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
