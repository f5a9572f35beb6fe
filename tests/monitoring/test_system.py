"""What staff see of machines, processes, engines and the queue."""

import time
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from generation.models import Generation
from monitoring import pulse, system
from monitoring.models import ProcessNote
from tests.conftest import client_of
from tests.problems import problem_of

URL = "/api/v1/system-monitoring"

pytestmark = pytest.mark.django_db(transaction=True)
UseEngine = Callable[[str], Engine]


@pytest.fixture
def staff(carol: User) -> APIClient:
    return client_of(carol)


def test_it_works(staff: APIClient, use_engine: UseEngine) -> None:
    use_engine("Noise")
    body = staff.get(URL).json()
    assert body["missing"] == []
    assert body["machine"]["memory"]["total"] > body["machine"]["memory"]["available"] > 0
    assert body["process"]["threads"] > 0
    assert (body["engine"]["state"], body["engine"]["model"], body["engine"]["device"]) == (
        "ready",
        "fake",
        "cpu",
    )
    assert (body["queue"]["queued"], body["queue"]["oldest"]) == (0, None)
    assert (body["gpus"], body["generations"], body["processes"]) == ([], [], [])


def test_it_is_for_staff_alone(as_alice: APIClient, nobody: APIClient) -> None:
    for path in (URL, "/api/v1/metrics"):
        problem_of(as_alice.get(path), 403, "permission_denied")
        problem_of(nobody.get(path), 401, "not_authenticated")


def test_what_was_drawn_is_counted(
    staff: APIClient, use_engine: UseEngine, submit: Callable[..., Generation]
) -> None:
    use_engine("Noise")
    generation = submit()
    generation.cancel()
    submit()
    body = staff.get(URL).json()
    kinds = {(row["status"], row["reason"]): row["minute"] for row in body["generations"]}
    assert kinds == {("canceled", "generation_canceled"): 1, ("queued", ""): 1}
    assert body["queue"]["queued"] == 1
    assert body["queue"]["oldest"] >= 0


def test_processes_are_those_that_noted_themselves(staff: APIClient, use_engine: UseEngine) -> None:
    use_engine("Noise")
    own = pulse.Pulse("server")
    own.beat()
    (seen,) = staff.get(URL).json()["processes"]
    assert (seen["role"], seen["engine"]["model"], seen["process"]["pid"] > 0) == ("server", "fake", True)
    own.stop()
    system.forget()
    assert staff.get(URL).json()["processes"] == []
    assert ProcessNote.objects.count() == 1


def test_one_sample_costs_little(staff: APIClient, use_engine: UseEngine) -> None:
    use_engine("Noise")
    staff.get(URL)
    taken = []
    for _ in range(5):
        system.forget()
        began = time.monotonic()
        system.look()
        taken.append(time.monotonic() - began)
    assert min(taken) < 0.02
