"""An S3 of the tests' own, on a free port, with one empty bucket, which keeps nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.server import free_port

START_SECONDS = 30
BUCKET = "bucket"


@contextmanager
def running() -> Iterator[str]:
    """The address of the bucket, as `PICTURES_URL` takes it. Any credentials are good."""
    port = free_port()
    program = Path(sys.executable).with_name("moto_server")
    process = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _make_bucket(endpoint)
        yield f"s3://{BUCKET}/pictures?endpoint_url={endpoint}&region=us-east-1&addressing_style=path"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _make_bucket(endpoint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            requests.put(f"{endpoint}/{BUCKET}", timeout=5).raise_for_status()
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
