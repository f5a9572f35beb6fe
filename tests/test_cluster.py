"""The many-machine form, each process a true one: web, workers, beat, PostgreSQL and Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from redis import Redis

from tests import cluster
from tests.cluster import Client, Cluster, Web, wait
from tests.server import ROOT

SLOW = "tests.generation.stand_ins.Slow"
REFUSED = "tests.generation.stand_ins.Refused"
LONG = {"num_inference_steps": 150}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with cluster.running(folder, folder, SD_ENGINE=SLOW, SHUTDOWN_GRACE="1", QUEUE_LIMIT="64") as running:
        yield running


@pytest.fixture(scope="module")
def webs(running: Cluster) -> list[Web]:
    return [running.web(), running.web()]


@pytest.fixture
def worker(running: Cluster, webs: list[Web]) -> Iterator[subprocess.Popen[bytes]]:
    process = running.worker()
    wait(webs[0].healthy), wait(webs[1].healthy)
    yield process
    process.terminate()
    process.wait(20)
    wait(lambda: not webs[0].healthy())


@pytest.fixture
def alice(webs: list[Web], request: pytest.FixtureRequest) -> Client:
    return webs[0].register(f"alice-{abs(hash(request.node.name))}")


def status(client: Client, place: str) -> str:
    return str(client.get(place).json()["status"])


def test_it_works(worker: object, webs: list[Web], alice: Client) -> None:
    answer = alice.draw()
    assert (answer.status_code, len(answer.json()["images"])) == (200, 1)
    assert status(alice.at(webs[1].url), f"/api/v1/generations/{answer.json()['id']}") == "succeeded"


def test_how_far_it_is_can_be_seen_through_any_process(
    worker: object, webs: list[Web], alice: Client
) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    elsewhere = alice.at(webs[1].url)
    wait(lambda: 0 < elsewhere.get(place).json()["progress"] < 1)
    wait(lambda: elsewhere.get(place).json()["progress"] == 1)


def test_it_is_watched_through_any_process(worker: object, webs: list[Web], alice: Client) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    events = alice.at(webs[1].url).get(f"{place}/events").text
    assert '"preview":"data:image/webp;base64,' in events
    assert ("event: progress" in events, events.count("event: succeeded")) == (True, 1)


def test_it_is_canceled_through_any_process(worker: object, webs: list[Web], alice: Client) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    wait(lambda: alice.get(place).json()["progress"] > 0)
    assert alice.at(webs[1].url).post(f"{place.removeprefix('/api/v1')}/cancel").status_code == 200
    assert alice.get(f"{place}/events").text.count("event: canceled") == 1
    assert (alice.get(place).json()["cost"], alice.draw().status_code) == (0, 200)


def test_a_process_that_ends_by_itself_tells_it_still(
    running: Cluster, worker: object, alice: Client
) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    wait(lambda: status(alice, place) == "running")
    cancel = "from generation.models import *; [row.cancel() for row in Generation.objects.unfinished()]"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", cancel], cwd=ROOT, env=running.environment, check=True
    )
    assert status(alice, place) == "canceled"


def test_an_emptied_broker_loses_nothing(running: Cluster, worker: object, alice: Client) -> None:
    os.kill(worker.pid, signal.SIGSTOP)  # type: ignore[attr-defined]
    places = [alice.draw("respond-async").headers["Location"] for _ in range(3)]
    Redis.from_url(running.environment["REDIS_URL"]).flushall()
    os.kill(worker.pid, signal.SIGCONT)  # type: ignore[attr-defined]
    wait(lambda: {status(alice, place) for place in places} == {"succeeded"})


def test_without_a_worker_nothing_is_accepted(webs: list[Web], alice: Client) -> None:
    answer = alice.draw()
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert answer.headers["Retry-After"]


def test_a_worker_that_is_stopped_hands_back(
    running: Cluster, worker: subprocess.Popen[bytes], alice: Client
) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    wait(lambda: status(alice, place) == "running")
    worker.terminate()
    assert worker.wait(10) == 0
    assert status(alice, place) == "queued"
    other = running.worker()
    wait(lambda: status(alice, place) == "succeeded")
    other.terminate()
    other.wait(20)


def test_what_a_killed_worker_drew_is_drawn_by_another(
    running: Cluster, worker: subprocess.Popen[bytes], alice: Client
) -> None:
    place = alice.draw("respond-async", **LONG).headers["Location"]
    wait(lambda: status(alice, place) == "running")
    worker.kill()
    other = running.worker()
    wait(lambda: status(alice, place) == "succeeded")
    other.terminate()
    other.wait(20)


def test_beat_rings_for_what_lies(running: Cluster) -> None:
    broker = Redis.from_url(running.environment["REDIS_URL"])
    broker.delete("generations")
    beat = running.beat()
    wait(lambda: broker.llen("generations") > 0)
    assert b"generation.tasks.look_after" in broker.lrange("generations", 0, 0)[0]
    beat.terminate()
    beat.wait(10)


def test_a_worker_without_a_model_says_so_and_ends(running: Cluster) -> None:
    process = running.worker(SD_ENGINE=REFUSED)
    assert process.wait(30) != 0
    assert "The model could not be loaded" in running.logs()


def test_a_process_that_answers_never_loads_torch(running: Cluster) -> None:
    code = (
        "import sys; from sdsite.wsgi import application; from rest_framework.test import APIClient; "
        "client = APIClient(headers={'host': '127.0.0.1'}); "
        "print([client.get(f'/api/v1/{path}').status_code for path in ('health-check', 'account', 'schema')]); "
        "print({'torch', 'diffusers', 'transformers'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=running.environment, capture_output=True, text=True
    )
    assert run.stdout == "[503, 401, 200]\nset()\n", run.stderr
