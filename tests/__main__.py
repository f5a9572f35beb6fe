"""`python -m tests`: all of them, in two processes, since those that start whole services mostly wait.

What follows on the command line goes to both; `python -m pytest` runs all in one.
"""

import subprocess
import sys
from tempfile import TemporaryFile

PYTEST = [sys.executable, "-m", "pytest"]
APART = [
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
# It looks through what the tests of its own process leave behind, and comes last in both.
LAST = "tests/test_secrets.py"


def main(options: list[str]) -> int:
    """The exit status: that of the first of the two which failed."""
    with TemporaryFile() as printed:
        apart = subprocess.Popen([*PYTEST, *APART, LAST, *options], stdout=printed, stderr=subprocess.STDOUT)
        here = subprocess.call([*PYTEST, *(f"--ignore={path}" for path in APART), *options])
        there = apart.wait()
        printed.seek(0)
        sys.stdout.write(printed.read().decode(errors="replace"))
    return here or there


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
