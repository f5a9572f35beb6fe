"""Health, Prometheus and the page of staff, watched at once: what each says of a part, and how soon."""

import json
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests import server
from tests.cluster import wait
from tests.conftest import PASSWORD

STAFF = "carol@example.com"
SECONDS = 5.0
# One look at a part that hangs, and what else an answer takes.
DEADLINE = 1.5

Told = dict[str, Any]
logger = logging.getLogger(__name__)


class Page:
    """The staff's page, open since before it happened: it is told of parts as they change."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        superuser = environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        server.manage(superuser, "createsuperuser", "--no-input", "--email", STAFF)
        session = requests.Session()
        form = session.get(f"{url}/session/", timeout=10).text
        secret = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[0]
        fields = {"csrfmiddlewaretoken": secret, "email": STAFF, "password": PASSWORD}
        session.post(f"{url}/session/?next=/admin/monitoring/", data=fields, timeout=10)
        self._stream = session.get(f"{url}/admin/monitoring/events", stream=True, timeout=10)
        assert self._stream.headers["Content-Type"] == "text/event-stream"
        self._lines = self._stream.iter_lines(chunk_size=1)

    def told(self, matches: Callable[[Told], bool], until: float) -> None:
        """Wait until it is told so."""
        for line in self._lines:
            assert time.monotonic() < until, "The page was not told."
            if line.startswith(b'data: {"status"') and matches(json.loads(line[6:])):
                return
        raise AssertionError("The page is told no more.")

    def close(self) -> None:
        self._stream.close()


class Witnesses:
    def __init__(self, url: str, environment: dict[str, str]) -> None:
        self.url = url
        self.page = Page(url, environment)

    def see(
        self, part: str, state: str, detail: str = "", *, since: float, within: float = SECONDS
    ) -> dict[str, Any]:
        """What health says once it says that of the part; Prometheus and the page say so too, soon after `since`."""

        def matches(told: Told) -> bool:
            return told["checks"][part] == state and detail in ("", told["detail"])

        line = f'sd_up{{part="{part}"}} {int(state in ("ok", "ready"))}.0'
        looks: dict[str, Callable[[], Any]] = {
            "health": lambda: wait(lambda: _if(matches, health(self.url).json()), within),
            "metrics": lambda: wait(lambda: line in metrics(self.url), within),
            "page": lambda: self.page.told(matches, since + within + 1),
        }
        with ThreadPoolExecutor() as pool:
            seen = {name: pool.submit(_timed, look, since) for name, look in looks.items()}
        took = {name: each.result()[0] for name, each in seen.items()}
        logger.info("%s %s: %s", part, state, ", ".join(f"{name} {took[name]:.1f} s" for name in took))
        assert max(took.values()) < within, took
        found: dict[str, Any] = seen["health"].result()[1]
        return found

    def close(self) -> None:
        self.page.close()


def health(url: str) -> requests.Response:
    began = time.monotonic()
    answer = requests.get(f"{url}/api/v1/health-check", timeout=10)
    assert time.monotonic() - began < DEADLINE
    return answer


def metrics(url: str) -> str:
    return requests.get(f"{url}/api/v1/metrics", timeout=10).text


def _if(matches: Callable[[Told], bool], told: Told) -> Told | None:
    return told if matches(told) else None


def _timed(look: Callable[[], Any], since: float) -> tuple[float, Any]:
    found = look()
    return time.monotonic() - since, found
