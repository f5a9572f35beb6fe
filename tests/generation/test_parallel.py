"""Many requests at once against a few credits, over HTTP, on a SQLite file."""

import base64
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests import server

CREDITS = 100
REQUESTS = 200
BODY: dict[str, Any] = {"prompt": "a red house", "width": 64, "height": 64, "num_inference_steps": 1}


@pytest.fixture
def url(tmp_path: Path, tiny_folder: Path) -> Iterator[str]:
    changes = {"DEFAULT_ALLOWANCE": str(CREDITS), "QUEUE_LIMIT": str(REQUESTS)}
    with server.running(tmp_path, tiny_folder, **changes) as address:
        yield f"{address}/api/v1"


def test_as_many_pictures_as_credits(url: str) -> None:
    person = {"email": "alice@example.com", "password": "correct horse battery staple"}
    token = requests.post(f"{url}/register", json=person, timeout=60).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    def draw(seed: int) -> requests.Response:
        return requests.post(
            f"{url}/text-to-image-generator", json=BODY | {"seed": seed}, headers=headers, timeout=300
        )

    with ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(draw, range(REQUESTS)))

    assert Counter(answer.status_code for answer in answers) == {200: CREDITS, 402: REQUESTS - CREDITS}
    drawn = {answer.json()["images"][0]["image"] for answer in answers if answer.ok}
    assert len(drawn) == CREDITS
    assert all(Image.open(BytesIO(base64.b64decode(image))).size == (64, 64) for image in drawn)
    quota = requests.get(f"{url}/account", headers=headers, timeout=60).json()["quota"]
    assert (quota["used"], quota["remaining"]) == (CREDITS, 0)
