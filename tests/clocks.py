"""A clock of a process's own, which can be set while the process runs: libfaketime between it and the system's."""

import os
import shutil
import subprocess
from pathlib import Path

from tests import programs

# libfaketime 0.9 refuses the call that Python makes of a sleep, so that not even gunicorn would start.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"


class Clock:
    """`environment` is for the process, whose time then is the system's and `set`'s offset."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set("+0")
        (folder / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
        self.environment = {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # Nobody sets the time since the machine's start, nor the times that files had.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(folder),
        }

    def set(self, offset: str) -> None:
        """As in `+1h` or `-90s`; at once."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset}\n", encoding="ascii")
        os.replace(new, self._file)


def _library() -> str:
    """Where the system keeps it is known to its own program."""
    if shutil.which("faketime") is None:
        programs.missing("faketime is not installed")
    command = ["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
