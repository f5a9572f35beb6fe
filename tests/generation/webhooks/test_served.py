"""A server as it is run, and a receiver that verifies what comes."""

from pathlib import Path
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook as Verifier

from tests import receiver as receivers
from tests import server
from tests.conftest import PASSWORD
from tests.generation.webhooks.test_postman import until

EVENTS = ["generation.started", "generation.succeeded"]


@pytest.mark.slow
def test_it_works(tmp_path: Path, tiny_folder: Path) -> None:
    with (
        receivers.running() as receiver,
        server.running(tmp_path, tiny_folder, WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8") as url,
    ):
        api = f"{url}/api/v1"
        account = {"email": "alice@example.com", "password": PASSWORD}
        token = requests.post(f"{api}/register", json=account, timeout=30).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        secret = requests.get(f"{api}/account/webhook-secret", headers=headers, timeout=30).json()["secret"]
        body: dict[str, Any] = {"prompt": "a boat", "webhook": {"url": receiver.url, "events": EVENTS}}
        drawn = requests.post(f"{api}/text-to-image-generator", json=body, headers=headers, timeout=60)
        assert drawn.status_code == 200, drawn.text
        until(lambda: len(receiver.taken) == 2, seconds=5)
        events = [Verifier(secret).verify(taken.body, taken.headers) for taken in receiver.taken]
        link = next(event for event in events if event["type"] == EVENTS[1])["data"]["images"][0]["url"]
        assert link.startswith(api)
        assert requests.get(link, headers=headers, timeout=30).status_code == 200
    assert {event["type"] for event in events} == set(EVENTS)
    log = (tmp_path / "server.log").read_text()
    assert secret not in log
    assert "Traceback" not in log
