"""Two processes that answer and two that draw: what they count is what the rows say, whichever is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests import cluster
from tests.cluster import Client, Cluster, Web, wait
from tests.conftest import PASSWORD
from tests.server import manage

GENERATIONS = 200
ENDED = "sd_generations_ended"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    engine = "tests.generation.stand_ins.Quick"
    with cluster.running(folder, folder, SD_ENGINE=engine, METRICS_NETWORKS="127.0.0.0/8") as running:
        yield running


@pytest.fixture(scope="module")
def webs(running: Cluster) -> list[Web]:
    webs = [running.web(), running.web()]
    for _ in range(2):
        running.worker()
    wait(lambda: all(web.healthy() for web in webs))
    wait(lambda: len(requests.get(f"{webs[0].url}/api/v1/health-check", timeout=5).json()["workers"]) == 2)
    return webs


def told(web: Web) -> dict[str, float]:
    text = requests.get(f"{web.url}/api/v1/metrics", timeout=10).text
    sums: dict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith("_bucket"):
                sums[sample.name] += sample.value
    return sums


def test_they_add_up(webs: list[Web], running: Cluster) -> None:
    alice = webs[0].register("alice")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda turn: alice.at(webs[turn % 2].url).draw(), range(GENERATIONS)))
    assert {answer.status_code for answer in answers} == {200}
    wait(lambda: told(webs[0]).get(f"{ENDED}_total") == GENERATIONS, 15)
    wait(lambda: told(webs[1]).get("sd_engine_pictures_total") == GENERATIONS, 15)
    found = told(webs[1])
    for name in (
        "sd_generations_accepted_total",
        "sd_generation_wait_seconds_count",
        "sd_image_encode_seconds_count",
    ):
        assert found[name] == GENERATIONS, name
    assert (found["sd_processes"], found["sd_engines"]) == (4, 2)
    assert succeeded(alice) == GENERATIONS


def succeeded(client: Client) -> int:
    number, place = 0, "/api/v1/generations?status=succeeded"
    while place:
        page = client.get(place).json()
        number += len(page["results"])
        place = (page["next"] or "").removeprefix(client.url)
    return number


def test_staff_see_every_process(webs: list[Web], running: Cluster) -> None:
    environment = running.environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    manage(environment, "createsuperuser", "--no-input", "--email", "carol@example.com")
    body = {"email": "carol@example.com", "password": PASSWORD}
    token = requests.post(f"{webs[0].url}/api/v1/login", json=body, timeout=10).json()["token"]
    found = Client(webs[0].url, token).get("/api/v1/system-monitoring").json()
    assert Counter(process["role"] for process in found["processes"]) == {"web": 2, "worker": 2}
    engines = [process["engine"] for process in found["processes"] if process["engine"]]
    assert [engine["model"] for engine in engines] == ["fake", "fake"]
    assert sum(engine["pictures"] for engine in engines) == GENERATIONS
    assert found["missing"] == []
