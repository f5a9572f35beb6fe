"""nginx before a server with few threads: it waits for slow clients, so that nobody else has to."""

import json
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from sdsite import settings
from tests import nginx, server
from tests.generation import tiny_model

DRIPPING = 200
API = "/api/v1"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with 17 threads."""
    folder = tmp_path_factory.mktemp("server")
    tiny_model.build(folder / "tiny")
    few = {"QUEUE_LIMIT": "1", "EVENT_STREAMS": "0", "TRUSTED_PROXIES": "1"}
    with server.running(folder, folder / "tiny", **few) as address:
        yield address


@pytest.fixture(scope="module")
def url(behind: str) -> Iterator[str]:
    with nginx.running(behind) as address:
        yield address


def test_its_configuration_is_one(tmp_path: Path) -> None:
    check = subprocess.run([*nginx.command(tmp_path), "-t"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
    assert "warn" not in check.stderr


def register(url: str) -> requests.Response:
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery staple"}
    return requests.post(f"{url}{API}/register", json=body, timeout=10)


def test_it_works(url: str) -> None:
    token = register(url).json()["token"]
    answer = requests.post(
        f"{url}{API}/text-to-image-generator",
        json={"prompt": "a red house", "width": 64, "height": 64, "num_inference_steps": 2},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    (image,) = answer.json()["images"]
    assert image["url"].startswith(f"{url}{API}/generations/")


def test_slow_clients_hurt_nobody(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    head = f"POST {API}/login HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    with ExitStack() as sockets:
        for _ in range(DRIPPING):
            slow = sockets.enter_context(socket.create_connection((host, port), timeout=5))
            slow.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        time.sleep(0.5)
        for method in (requests.get, requests.get, requests.get):
            started = time.monotonic()
            assert method(f"{url}{API}/health-check", timeout=10).status_code == 200
            assert time.monotonic() - started < 1
        started = time.monotonic()
        assert register(url).status_code == 201
        assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("path", "limit"),
    [("login", settings.MAX_BODY_BYTES), ("image-manipulator2", settings.MAX_IMAGE_BODY_BYTES)],
)
def test_bodies_have_the_limits_of_the_service(url: str, path: str, limit: int) -> None:
    for size, status in [(limit, {400, 401})] * 4 + [(limit + 1, {413})]:
        answer = requests.post(
            f"{url}{API}/{path}", data=b" " * size, headers={"Content-Type": "application/json"}, timeout=30
        )
        assert answer.status_code in status
        problem = answer.json()
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        assert (problem["code"] == "payload_too_large") is (answer.status_code == 413)


def test_the_request_keeps_its_id(url: str) -> None:
    answer = requests.get(f"{url}{API}/account", headers={"X-Request-Id": "mine-1"}, timeout=10)
    assert answer.headers["X-Request-Id"] == "mine-1" == answer.json()["request_id"]
    forged = requests.get(f"{url}{API}/account", headers={"X-Request-Id": "x y"}, timeout=10)
    assert len(forged.headers["X-Request-Id"]) == 32


def test_a_service_that_is_down_is_told_as_it_would(tmp_path: Path) -> None:
    with nginx.running(f"127.0.0.1:{server.free_port()}") as url:
        answer = requests.get(f'{url}{API}/"account', timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.text)
    assert (problem["code"], problem["instance"]) == ("service_unavailable", "/")
    assert problem["request_id"] == answer.headers["X-Request-Id"]
