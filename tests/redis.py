"""A Redis of the tests' own, on a free port, which keeps nothing."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from tests import programs
from tests.server import free_port

START_SECONDS = 10


class Server:
    """`url` is its address, as `REDIS_URL` takes it. What is stopped has forgotten everything when it is started."""

    def __init__(self, port: int = 0) -> None:
        program = shutil.which("redis-server")
        if program is None:
            programs.missing("Redis is not installed")
        self._port = port or free_port()
        self._command = [
            program,
            "--bind",
            "127.0.0.1",
            "--port",
            str(self._port),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd="/", stdout=subprocess.DEVNULL)
        _wait_until_it_listens(self._port)

    def empty(self) -> None:
        """Make it forget everything while it runs."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(START_SECONDS)


@contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """A server that runs, and may be stopped and started."""
    server = Server(port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def running(port: int = 0) -> Iterator[str]:
    """The address of a server."""
    with serving(port) as server:
        yield server.url


def _wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
