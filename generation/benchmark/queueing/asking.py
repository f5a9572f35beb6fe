"""Asks the database of a benchmark's server, by a process with that server's settings."""

import json
from time import sleep
from typing import Any

from generation.benchmark.server import Server

PRINT = "from generation.benchmark.queueing.rows import {function}; {function}({arguments})"
PAUSE = 1.0


def ask(server: Server, function: str, *arguments: float) -> Any:
    """What a function of `rows` prints."""
    command = PRINT.format(function=function, arguments=", ".join(map(str, arguments)))
    return json.loads(server.manage("shell", "--no-imports", "--command", command))


def wait_for_workers(server: Server, number: int) -> None:
    """Until so many note that they are there."""
    while ask(server, "print_workers") < number:
        sleep(PAUSE)
