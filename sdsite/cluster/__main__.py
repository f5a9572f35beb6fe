"""Starts PostgreSQL, Redis, two processes that answer, two workers and beat; Ctrl-C stops them all."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from sdsite import settings
from sdsite.cluster.processes import Ended, Processes
from sdsite.cluster.servers import Missing, postgresql, redis
from sdsite.welcome import welcome

WORKERS = 2
CELERY = [sys.executable, "-m", "celery", "-A", "sdsite"]
HERE = f"http://127.0.0.1:{settings.PORT}/api/v1/health-check"


def main() -> int:
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    os.chdir(settings.BASE_DIR)
    folder = settings.DATA_DIR / "cluster"
    try:
        with postgresql(folder / "postgresql") as database:
            serve(folder, database)
    except (Missing, Ended) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("All are stopped.")
    return 0


def serve(folder: Path, database: str) -> None:
    """Until somebody interrupts it. Raises `Ended` where a process ends before that."""
    broker, command = redis()
    urls = {"DATABASE_URL": database, "REDIS_URL": broker, "CELERY_BROKER_URL": broker}
    # Workers of one machine share its cores, unless somebody says otherwise.
    environment = {"SD_THREADS": "1"} | os.environ | urls | {"DATA_DIR": str(folder)}
    processes = Processes(folder / "logs", environment)
    try:
        processes.start("redis", command)
        for task in (["migrate"], ["collectstatic", "--no-input"]):
            manage = [sys.executable, "manage.py", *task, "--verbosity", "0"]
            subprocess.run(manage, env=environment, check=True)
        start(processes)
        print(
            f"PostgreSQL, Redis, 2 web processes, {WORKERS} workers and beat start; their logs: {folder}/logs"
        )
        wait_until_ready(processes)
        print(welcome(settings.HOST, settings.PORT), "Ctrl-C stops all of it.", sep="\n", flush=True)
        while True:
            processes.check()
            time.sleep(1)
    finally:
        processes.stop()


def start(processes: Processes) -> None:
    for number in range(1, WORKERS + 1):
        processes.start(f"worker {number}", [*CELERY, "worker", "--hostname", f"worker{number}@%h"])
    processes.start("beat", [*CELERY, "beat", "--pidfile="])
    processes.start("web", [sys.executable, "-m", "gunicorn"])


def wait_until_ready(processes: Processes) -> None:
    while True:
        processes.check()
        try:
            with urllib.request.urlopen(HERE, timeout=5):
                return
        except OSError:
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
