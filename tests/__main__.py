"""`python -m tests`: all of them, in four processes, since those that wait for others leave the machine to the rest.

What follows on the command line goes to each; `python -m pytest` runs all in one.
"""

import subprocess
import sys
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

PYTEST = [sys.executable, "-m", "pytest"]
SERVICES = [
    "tests/faults",
    "tests/deploy/test_backup.py",
    "tests/generation/test_stop.py",
    "tests/monitoring/test_adds_up.py",
    "tests/monitoring/test_bad_days.py",
    "tests/test_cluster.py",
    "tests/test_make_cluster.py",
    "tests/test_outages.py",
    "tests/test_postgres.py",
    "tests/test_stopping.py",
]
PAGES = ["tests/browser", "tests/test_guide.py"]
PICTURES = ["tests/generation/benchmark", "tests/generation/engine", "tests/generation/picturebook"]
# It looks through what the tests of its own process leave behind, and comes last in each.
LAST = "tests/test_secrets.py"


def main(options: list[str]) -> int:
    """The exit status: that of one which failed, if any did."""
    with ExitStack() as stack:
        beside = []
        for paths in (SERVICES, PAGES, PICTURES):
            printed = stack.enter_context(TemporaryFile())
            command = [*PYTEST, *paths, LAST, *options]
            beside.append((subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT), printed))
        rest = [f"--ignore={path}" for path in (*SERVICES, *PAGES, *PICTURES)]
        status = subprocess.call([*PYTEST, *rest, *options])
        for process, printed in beside:
            status = process.wait() or status
            show(printed)
    return status


def show(printed: IO[bytes]) -> None:
    printed.seek(0)
    sys.stdout.write(printed.read().decode(errors="replace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
