"""What Prometheus is told, and that it adds up."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from generation.models import Generation
from monitoring import metrics, pulse, system
from monitoring.models import ProcessNote
from monitoring.models.notes import BYGONE, KEPT
from monitoring.pulse import Pulse
from monitoring.tallies import Tallies, total, without
from tests.conftest import client_of
from tests.problems import problem_of

URL = "/api/v1/metrics"
ONE: Tallies = {"sd_x": [("sd_x_total", {"a": "1"}, 2.0), ("sd_x_total", {"a": "2"}, 5.0)]}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def engine(use_engine: Callable[[str], Engine]) -> Engine:
    return use_engine("Noise")


@pytest.fixture
def staff(carol: User) -> APIClient:
    return client_of(carol)


def samples(client: APIClient) -> dict[str, float]:
    metrics.tally_look.forget()
    system.forget()
    text = client.get(URL).content.decode()
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_works(staff: APIClient, submit: Callable[..., Generation]) -> None:
    before = samples(staff)
    submit().fail("generation_failed", "out_of_memory")
    submit()
    after = samples(staff)
    failed = "sd_generations_ended_total out_of_memory failed text-to-image"
    accepted = "sd_generations_accepted_total text-to-image"
    assert after[failed] - before.get(failed, 0) == 1
    assert after[accepted] - before.get(accepted, 0) == 2
    assert (after["sd_queue queued"], after["sd_up database"], after["sd_healthy"]) == (1, 1, 1)


def test_requests_are_counted_by_route_and_never_by_path(staff: APIClient, nobody: APIClient) -> None:
    nobody.get("/api/v1/generations/5f5e1cf4-7a2c-4a6e-9d5b-3b7b8b9b1c11")
    nobody.get("/api/v1/no-such-thing")
    found = samples(staff)
    assert found["sd_requests_total generation 401"] >= 1
    assert found["sd_requests_total unknown 404"] >= 1
    assert found["sd_refusals_total not_authenticated"] >= 1
    assert not [name for name in found if "5f5e1cf4" in name or "no-such" in name]


def test_a_network_of_ones_own_needs_no_token(nobody: APIClient, settings: Settings) -> None:
    problem_of(nobody.get(URL), 401, "not_authenticated")
    settings.METRICS_NETWORKS = [ip_network("127.0.0.0/8")]
    assert nobody.get(URL).status_code == 200
    problem_of(nobody.get(URL, REMOTE_ADDR="10.0.0.1"), 401, "not_authenticated")


def test_counts_of_several_processes_add_up() -> None:
    assert total([ONE, ONE])["sd_x"] == [("sd_x_total", {"a": "1"}, 4.0), ("sd_x_total", {"a": "2"}, 10.0)]
    assert without(total([ONE, ONE]), ONE) == ONE


def test_who_is_gone_still_counts() -> None:
    for name in ("one", "two"):
        ProcessNote.objects.begin(name, "web", {}, ONE)
    ProcessNote.objects.update(seen_at=timezone.now() - KEPT - timedelta(minutes=1))
    before = total(ProcessNote.objects.tallies())
    assert ProcessNote.objects.fold() == 2
    assert list(ProcessNote.objects.values_list("name", flat=True)) == [BYGONE]
    assert total(ProcessNote.objects.tallies()) == before
    assert ProcessNote.objects.fold() == 0
    assert not ProcessNote.objects.live()


def test_who_comes_back_after_long_is_counted_once(submit: Callable[..., Generation]) -> None:
    own = Pulse("web")
    own.note()
    before = total(ProcessNote.objects.tallies())
    ProcessNote.objects.update(seen_at=timezone.now() - KEPT - timedelta(minutes=1))
    ProcessNote.objects.fold()
    submit()
    own.note()
    own.note()
    counted = without(total(ProcessNote.objects.tallies()), before)["sd_generations_accepted"]
    # Those that earlier tests have counted stand there as well.
    grown = [series for series in counted if series[2]]
    assert grown == [("sd_generations_accepted_total", {"type": "text-to-image"}, 1.0)]


def test_what_is_asked_is_as_of_now(staff: APIClient, submit: Callable[..., Generation]) -> None:
    pulse.start("server")
    before = samples(staff)["sd_generations_accepted_total text-to-image"]
    submit()
    assert samples(staff)["sd_generations_accepted_total text-to-image"] == before + 1
    assert samples(staff)["sd_processes server"] == 1
    pulse.stop()
