"""What runs in a process of its own, and what comes back from there."""

import os
from pathlib import Path

import pytest

from generation.benchmark.apart import Apart, call_apart


class Adder:
    def __init__(self, start: int) -> None:
        self.total = start

    def add(self, amount: int) -> tuple[int, int]:
        self.total += amount
        return self.total, os.getpid()


def note_process(path: Path) -> None:
    path.write_text(str(os.getpid()))


def test_an_object_apart_keeps_its_state_in_another_process() -> None:
    with Apart(Adder, 40) as adder:
        adder.call("add", 1)
        total, process = adder.call("add", 1)
    assert total == 42
    assert process != os.getpid()


def test_what_is_called_apart_runs_in_another_process(tmp_path: Path) -> None:
    call_apart(note_process, tmp_path / "process")
    assert int((tmp_path / "process").read_text()) != os.getpid()


def test_what_is_raised_apart_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call_apart(note_process, tmp_path / "missing" / "process")
