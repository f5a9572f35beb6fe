"""Clients who do not give up: what is refused or lost on the way is sent again under the same key."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any
from uuid import uuid4

import requests

from tests.conftest import PASSWORD

URL = "/api/v1/text-to-image-generator"
BODY: dict[str, Any] = {"prompt": "a red house", "width": 64, "height": 64}
# What a client who sends the same once more may be told meanwhile; all else is a mistake of the server's.
PASSING = (409, 503)


def register(url: str, email: str) -> dict[str, str]:
    """The headers of a new user's requests."""
    answer = requests.post(f"{url}/api/v1/register", json={"email": email, "password": PASSWORD}, timeout=10)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@dataclass
class Clients:
    """Threads that ask for pictures until they are stopped; one half waits for them, the other does not.

    `accepted` are the ids that were answered, by key; `wrong` is what should never be answered. With `patience`
    none waits, and no answer at all within so many seconds is wrong as well.
    """

    urls: Sequence[str]
    count: int = 6
    patience: float | None = None
    accepted: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        users = [register(self.urls[0], f"{number}@example.com") for number in range(3)]
        self._threads = [
            Thread(target=self._ask_on, args=[users[number % 3], self._waits(number)])
            for number in range(self.count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more are asked for; what was sent is answered first."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask_on(self, headers: dict[str, str], waits: bool) -> None:
        preference = {} if waits else {"Prefer": "respond-async"}
        while not self._stop.is_set():
            key = str(uuid4())
            while (answer := self._ask(headers | preference | {"Idempotency-Key": key})) is None:
                time.sleep(0.05)
            with self._lock:
                if answer.status_code in (200, 202):
                    self.accepted[key] = answer.json()["id"]
                else:
                    self.wrong.append(f"{answer.status_code} {answer.text}")
            time.sleep(0.02)

    def _waits(self, number: int) -> bool:
        return self.patience is None and number % 2 == 0

    def _ask(self, headers: dict[str, str]) -> requests.Response | None:
        """The answer; None where it has to be asked for again."""
        url, patience = random.choice(self.urls) + URL, self.patience or 60
        began = time.monotonic()
        try:
            answer = requests.post(url, json=BODY, headers=headers, timeout=patience)
        except requests.RequestException as error:
            if self.patience is not None:
                self.wrong.append(type(error).__name__)
            return None
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status_code in PASSING and "Retry-After" in answer.headers:
            return None
        return answer
