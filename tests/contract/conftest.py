import uuid
from collections.abc import Iterator

import pytest
import requests

from tests import server
from tests.generation import tiny_model


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of a running API. Pictures are at most 64x64, so that the longest request is a short one."""
    folder = tmp_path_factory.mktemp("server")
    tiny_model.build(folder / "tiny")
    with server.running(folder, folder / "tiny", MAX_PIXELS=str(64 * 64)) as address:
        yield f"{address}/api/v1"


@pytest.fixture
def token(url: str) -> str:
    """A token of a new account."""
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery staple"}
    answer = requests.post(f"{url}/register", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    fresh: str = answer.json()["token"]
    return fresh
