"""SQLite serves one process that draws: a lock on a file, which the kernel gives back however the process ends."""

import fcntl
from pathlib import Path
from time import monotonic, sleep
from typing import IO

# Keeps the file open for as long as the process lives.
_held: IO[bytes] | None = None


class SecondProcess(SystemExit):
    """Ends a start, with a sentence for whoever started it."""


def be_sole(folder: Path, patience: float = 5.0) -> None:
    """Hold the folder's lock until the end of this process.

    Raises `SecondProcess` where another one holds it for longer than `patience` seconds.
    """
    global _held
    file = (folder / "engine.lock").open("wb")
    deadline = monotonic() + patience
    while not _locked(file):
        if monotonic() > deadline:
            file.close()
            raise SecondProcess(
                f"Another process already draws with the data in {folder}. Stop it first, give this one another "
                "DATA_DIR, or use PostgreSQL (DATABASE_URL), which serves several."
            )
        sleep(0.1)
    _held = file


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
