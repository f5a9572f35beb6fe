"""systemd's own opinion of the units in `deploy/`."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import ROOT

UNITS = sorted([*(ROOT / "deploy").glob("*.service"), *(ROOT / "deploy").glob("*.timer")])


def test_systemd_has_nothing_to_say(tmp_path: Path) -> None:
    """They are looked at as they would lie, with programs that are there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/sdsite/.venv/bin/", "/bin/true ")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / unit.name).replace("@.", "@0.") for unit in UNITS]
    run = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_what_a_timer_starts_is_there(unit: Path) -> None:
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("Unit="):
            name = line.removeprefix("Unit=")
            template = f"{name.partition('@')[0]}@.service" if "@" in name else name
            assert (ROOT / "deploy" / template).is_file()
