"""What owners do with a generation of theirs: stop it, and remove it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuthToken, Kind, Quota, User
from generation.dispatch import get_exchange
from generation.engine import Engine
from generation.models import GeneratedImage, Generation, Picture, Status
from generation.work.worker import Worker
from tests.generation.files import files_of, is_gone
from tests.generation.test_cancel import running, until, used
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
LONG = {"prompt": "a red house", "num_inference_steps": 150}
ENDS: dict[str, tuple[Any, ...]] = {
    "succeed": ([Picture(0, 7, b"first")],),
    "fail": ("generation_failed", "invalid_output"),
    "cancel": (),
}
Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db(transaction=True)


def place(generation: Generation) -> str:
    return f"/api/v1/generations/{generation.id}"


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(threads=1)
    worker.start()
    get_exchange().hang_up(worker.ring)
    yield worker
    worker.finish(10)


def test_it_works(submit: Submit, as_alice: APIClient, alice: User) -> None:
    generation = submit(cost=3)
    answer = as_alice.post(f"{place(generation)}/cancel")
    assert (answer.status_code, answer.json()["status"], answer.json()["cost"]) == (200, "canceled", 0)
    assert answer.json()["error"]["code"] == "generation_canceled"
    assert (used(alice), alice.ledger.get(kind=Kind.REFUND).credits) == (0, 3)


def test_what_is_drawn_stops_within_two_ticks(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, alice: User
) -> None:
    engine = use_engine("Slow")
    as_alice.post(URL, LONG, HTTP_PREFER="respond-async")
    generation = running(engine)
    assert as_alice.post(f"{place(generation)}/cancel").status_code == 200
    ticks = engine.figures.ticks
    until(lambda: not worker.keeper.holding)
    assert engine.figures.ticks <= ticks + 2
    assert (used(alice), is_gone(generation)) == (0, True)
    connection.close()


@pytest.mark.parametrize(
    ("end", "said"), [("succeed", "It was done"), ("fail", "It failed"), ("cancel", "It was canceled")]
)
def test_what_has_ended_stays_as_it_is(submit: Submit, as_alice: APIClient, end: str, said: str) -> None:
    generation = submit()
    getattr(generation, end)(*ENDS[end])
    before = Generation.objects.values().get()
    problem = problem_of(as_alice.post(f"{place(generation)}/cancel"), 409, "conflict")
    assert problem["detail"].startswith(said)
    assert Generation.objects.values().get() == before


def test_a_deleted_one_is_gone_with_its_files(submit: Submit, as_alice: APIClient, alice: User) -> None:
    generation = submit(cost=3)
    generation.succeed(*ENDS["succeed"])
    assert files_of(generation) == {"0.png"}
    answer = as_alice.delete(place(generation))
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_gone(generation)
    assert (GeneratedImage.objects.count(), used(alice)) == (0, 3)
    problem_of(as_alice.delete(place(generation)), 404, "not_found")


def test_what_is_deleted_while_it_is_drawn_is_refunded(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, alice: User
) -> None:
    engine = use_engine("Slow")
    as_alice.post(URL, LONG, HTTP_PREFER="respond-async")
    generation = running(engine)
    assert as_alice.delete(place(generation)).status_code == 204
    until(lambda: not worker.keeper.holding)
    assert (Generation.objects.count(), is_gone(generation), used(alice)) == (0, True, 0)
    assert not Quota.objects.unexplained().exists()
    connection.close()


@pytest.mark.parametrize("scope", ["generate", "read"])
def test_it_takes_the_scope_generate(submit: Submit, alice: User, scope: str) -> None:
    generation = submit()
    _, secret = AuthToken.objects.give(alice, "Job", scopes=[scope])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    allowed = scope == "generate"
    assert client.post(f"{place(generation)}/cancel").status_code == (200 if allowed else 403)
    assert client.delete(place(generation)).status_code == (204 if allowed else 403)
    assert Generation.objects.filter(status=Status.QUEUED).exists() != allowed
