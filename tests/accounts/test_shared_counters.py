"""Counters in Redis, which several servers share, and what holds while it is gone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.counters import Counter
from accounts.exceptions import RateLimited
from accounts.models import User
from sdsite.caches import cache_at
from tests import redis
from tests.conftest import PASSWORD
from tests.problems import problem_of, refused_fields
from tests.server import free_port

ROOT = Path(__file__).parents[2]
MOST = 100
TRIES = 150
COUNT = f"""
import django
django.setup()
from tests.accounts.test_shared_counters import how_many_are_let_in
print(how_many_are_let_in({TRIES}))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with redis.running() as address:
        yield address


@pytest.fixture
def gone(settings: Settings) -> None:
    """The address of a Redis that does not run."""
    settings.RATELIMIT_ENABLE = True
    settings.CACHES = {"default": cache_at(f"redis://127.0.0.1:{free_port()}/0")}


def how_many_are_let_in(tries: int) -> int:
    counter = Counter("test", f"{MOST}/30d", "somebody")

    def is_let_in(_: int) -> bool:
        try:
            counter.count()
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(is_let_in, range(tries)))


def test_two_processes_let_in_as_many_as_may(address: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "REDIS_URL": address,
        "RATE_LIMITS": "true",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "sdsite.settings",
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", COUNT], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    let_in = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(let_in) == MOST


def test_what_is_given_back_can_be_had_again(address: str, settings: Settings) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.CACHES = {"default": cache_at(address)}
    cache.clear()
    counter = Counter("test", "2/30d", "somebody")
    for _ in range(3):
        counter.count()
        counter.give_back()
    assert how_many_are_let_in(MOST) == MOST


def test_the_checks_hold_where_the_cache_is_shared(address: str, settings: Settings) -> None:
    assert settings.SILENCED_SYSTEM_CHECKS == ["django_ratelimit.E003", "django_ratelimit.W001"]
    settings.CACHES = {"default": cache_at(address)}
    settings.SILENCED_SYSTEM_CHECKS = []
    assert run_checks(tags=["caches"]) == []


@pytest.mark.parametrize("path", ["login", "register"])
@pytest.mark.usefixtures("gone")
def test_nobody_guesses_while_nobody_counts(nobody: APIClient, alice: User, path: str) -> None:
    answer = nobody.post(f"/api/v1/{path}", {"email": alice.email, "password": PASSWORD})
    problem_of(answer, 503, "service_unavailable")
    assert answer["Retry-After"] == "10"


@pytest.mark.usefixtures("gone")
def test_who_pays_with_credits_is_let_in_meanwhile(
    as_alice: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = as_alice.post("/api/v1/text-to-image-generator", {})
    assert refused_fields(answer).keys() >= {"prompt"}
    assert "RateLimit" not in answer
    assert "generations are not counted" in caplog.text
