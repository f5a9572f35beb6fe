"""What the database of a benchmark's server says, printed by a process with that server's settings."""

import json
import time

from django.db import connection

from generation.models import Generation, WorkerNote

EVERY = 0.02


def print_times() -> None:
    """When each generation was accepted, started and finished, in seconds; only of those that gave a picture."""
    done = Generation.objects.filter(status="succeeded").values_list(
        "created_at", "started_at", "finished_at"
    )
    print(json.dumps([[moment.timestamp() for moment in row] for row in done]))  # noqa: T201


def print_workers() -> None:
    """How many note that they are there."""
    print(WorkerNote.objects.live().count())  # noqa: T201


def print_unfinished(seconds: float) -> None:
    """How many generations are unfinished, over and over for so long."""
    until, seen = time.monotonic() + seconds, []
    while time.monotonic() < until:
        seen.append(Generation.objects.unfinished().count())
        time.sleep(EVERY)
    connection.close()
    print(json.dumps(seen))  # noqa: T201
