"""PostgreSQL and Redis go away for a while: what is answered meanwhile, and that all goes on by itself."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import cluster, postgres, redis
from tests.cluster import Client, Cluster, Web, wait
from tests.server import environment_of, free_port, manage

SLOW = "tests.generation.stand_ins.Slow"
LONG = 60

pytestmark = pytest.mark.slow


class Redis:
    def __init__(self) -> None:
        self._port = free_port()
        self._running = ExitStack()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        self._running.enter_context(redis.running(self._port))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def database() -> Iterator[postgres.Server]:
    with postgres.serving() as server:
        yield server


@pytest.fixture(scope="module")
def broker() -> Iterator[Redis]:
    broker = Redis()
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def web(database: postgres.Server, broker: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder: Path = tmp_path_factory.mktemp("outages")
    urls = {"DATABASE_URL": database.url, "REDIS_URL": broker.url, "CELERY_BROKER_URL": broker.url}
    settings = {"SD_ENGINE": SLOW, "WEB_PROCESSES": "1", "RATE_LIMITS": "true"}
    running = Cluster(folder, **environment_of(folder, folder) | urls | settings)
    manage(running.environment, "migrate", "--verbosity", "0")
    web = running.web()
    running.worker()
    wait(web.healthy)
    yield web
    running.stop()


@pytest.fixture(scope="module")
def alice(web: Web) -> Client:
    return web.register("alice")


def is_drawn(client: Client, places: list[str]) -> None:
    cluster.wait(lambda: {client.get(place).json()["status"] for place in places} == {"succeeded"})


def test_without_a_redis_it_is_accepted_and_drawn_later(broker: Redis, alice: Client) -> None:
    under_way = [alice.draw("respond-async", num_inference_steps=LONG).headers["Location"] for _ in range(5)]
    wait(lambda: alice.get(under_way[0]).json()["status"] == "running")
    broker.stop()
    started = time.monotonic()
    later = alice.draw("respond-async").headers["Location"]
    assert time.monotonic() - started < 2
    refused = alice.post("/login", {"email": "alice@example.com", "password": "a wrong one"})
    assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
    broker.start()
    is_drawn(alice, [*under_way, later])


def test_without_a_database_all_is_refused_at_once(
    database: postgres.Server, web: Web, alice: Client
) -> None:
    carol = Client(web.url, "")
    carol.headers = {"Cookie": f"sessionid={'a' * 32}"}
    under_way = alice.draw("respond-async", num_inference_steps=LONG).headers["Location"]
    database.stop()
    for client, path in ((alice, "/api/v1/account"), (alice, "/api/v1/health-check"), (carol, "/admin/")):
        started = time.monotonic()
        refused = client.get(path)
        assert (refused.status_code, refused.headers.keys() >= {"Retry-After"}) == (503, True), path
        assert time.monotonic() - started < 2, path
    database.start()
    wait(lambda: alice.get("/api/v1/account").ok, seconds=10)
    is_drawn(alice, [under_way])
