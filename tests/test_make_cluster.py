"""What `make cluster` starts, from the first line to Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import postgres
from tests.cluster import Client, Web, wait
from tests.server import ROOT, environment_of, free_port, healthy

QUICK = "tests.generation.stand_ins.Quick"

pytestmark = pytest.mark.slow


def test_it_works(tmp_path: Path) -> None:
    postgres._program("pg_ctl")
    port = free_port()
    settings = environment_of(tmp_path, tmp_path) | {"SD_ENGINE": QUICK, "PORT": str(port)}
    cluster = subprocess.Popen(
        [sys.executable, "-m", "sdsite.cluster"], cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE
    )
    try:
        wait(lambda: healthy(f"http://127.0.0.1:{port}"))
        alice: Client = Web(cluster, f"http://127.0.0.1:{port}").register("alice")
        assert alice.draw().status_code == 200
        started = psutil.Process(cluster.pid).children(recursive=True)
    finally:
        cluster.send_signal(signal.SIGINT)
    told, _ = cluster.communicate(timeout=60)
    assert (cluster.returncode, b"All are stopped." in told) == (0, True)
    assert len(started) >= 6
    wait(lambda: not [process for process in started if process.is_running()])


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    environment = environment_of(tmp_path, tmp_path) | {"PATH": str(tmp_path)}
    code = "import runpy; from pathlib import Path; from sdsite.cluster import servers; "
    code += "servers.DEBIAN = Path('/nowhere'); runpy.run_module('sdsite.cluster', run_name='__main__')"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert (run.returncode, run.stderr) == (1, "PostgreSQL is not installed: there is no pg_ctl.\n")
