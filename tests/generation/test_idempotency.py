"""A retry with the same `Idempotency-Key` gets the first answer: it is neither drawn nor charged again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Kind, Quota, User
from generation.dispatch import get_exchange
from generation.engine import Engine
from generation.models import GeneratedImage, Generation, IdempotencyKey
from generation.work.worker import Worker
from tests.conftest import client_of
from tests.generation import runners
from tests.generation.pictures import file_of, scene, text_of
from tests.generation.test_cancel import until, used
from tests.problems import problem_of, refused_fields

URL = "/api/v1/text-to-image-generator"
BODY = {"prompt": "a red house"}
KEY: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "order 17"}
AT_ONCE = 50
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def engine(use_engine: UseEngine) -> Engine:
    return use_engine("Noise")


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(threads=1)
    worker.start()
    get_exchange().hang_up(worker.ring)
    yield worker
    runners.Held.go.set()
    worker.finish(10)
    runners.Held.go.clear()


def without_quota(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    return {name: value for name, value in answer.json().items() if name != "quota"}


def test_it_works(as_alice: APIClient, alice: User) -> None:
    first, again = as_alice.post(URL, BODY, **KEY), as_alice.post(URL, BODY, **KEY)
    assert without_quota(first) == without_quota(again)
    assert again.json()["images"][0]["image"]
    assert (first.has_header("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (False, "true")
    assert (Generation.objects.count(), used(alice)) == (1, 1)


def test_fifty_at_once_are_one(as_alice: APIClient, alice: User) -> None:
    all_ready = Barrier(AT_ONCE, timeout=60)
    clients = [client_of(alice) for _ in range(AT_ONCE)]

    def post(client: APIClient) -> Any:
        all_ready.wait()
        try:
            return client.post(URL, BODY, **KEY)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, clients))
    drawn = [answer for answer in answers if answer.status_code == 200]
    for answer in set(answers) - set(drawn):
        problem_of(answer, 409, "in_progress")
        assert int(answer["Retry-After"]) > 0
    assert len({answer.json()["id"] for answer in drawn}) == 1
    assert sum(not answer.has_header("Idempotent-Replayed") for answer in drawn) == 1
    assert (Generation.objects.count(), GeneratedImage.objects.count(), used(alice)) == (1, 1, 1)
    assert alice.ledger.filter(kind=Kind.RESERVE).count() == 1
    assert not Quota.objects.unexplained().exists()


def test_another_body_is_a_mismatch(as_alice: APIClient, alice: User) -> None:
    as_alice.post(URL, BODY, **KEY)
    problem_of(as_alice.post(URL, BODY | {"seed": 7}, **KEY), 422, "idempotency_mismatch")
    problem_of(as_alice.post("/api/v1/image-manipulator1", BODY, **KEY), 422, "idempotency_mismatch")
    assert used(alice) == 1


def test_a_key_is_its_users_own(as_alice: APIClient, as_bob: APIClient) -> None:
    first, second = as_alice.post(URL, BODY, **KEY), as_bob.post(URL, BODY | {"seed": 7}, **KEY)
    assert (first.status_code, second.status_code) == (200, 200)
    assert Generation.objects.count() == 2


def test_pictures_that_come_along_are_looked_at(as_alice: APIClient) -> None:
    url, body = "/api/v1/image-manipulator1", BODY | {"image": text_of(file_of(scene()))}
    first = as_alice.post(url, body, **KEY)
    assert without_quota(as_alice.post(url, body, **KEY)) == without_quota(first)
    problem_of(as_alice.post(url, body | {"strength": 0.5}, **KEY), 422, "idempotency_mismatch")


def test_while_the_first_waits_the_second_is_told_to(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient, alice: User
) -> None:
    use_engine("Held")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client_of(alice).post, URL, BODY, **KEY)
        until(lambda: worker.keeper.holding)
        refused = as_alice.post(URL, BODY, **KEY)
        runners.Held.go.set()
        answer = first.result(30)
    problem_of(refused, 409, "in_progress")
    assert int(refused["Retry-After"]) > 0
    assert without_quota(as_alice.post(URL, BODY, **KEY)) == without_quota(answer)


def test_what_was_told_of_is_told_again(use_engine: UseEngine, worker: Worker, as_alice: APIClient) -> None:
    use_engine("Held")
    first = as_alice.post(URL, BODY, HTTP_PREFER="respond-async", **KEY)
    again = as_alice.post(URL, BODY, HTTP_PREFER="respond-async", **KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again["Location"], again["Idempotent-Replayed"]) == (first["Location"], "true")
    runners.Held.go.set()
    until(lambda: as_alice.get(first["Location"]).json()["status"] == "succeeded")
    assert without_quota(as_alice.post(URL, BODY, **KEY))["id"] == first.json()["id"]


def test_a_failure_is_told_again(use_engine: UseEngine, as_alice: APIClient) -> None:
    use_engine("Full")
    problem_of(as_alice.post(URL, BODY, **KEY), 500, "generation_failed")
    use_engine("Noise")
    again = as_alice.post(URL, BODY, **KEY)
    assert problem_of(again, 500, "generation_failed")["reason"] == "out_of_memory"
    assert (again["Idempotent-Replayed"], Generation.objects.count()) == ("true", 1)


def test_what_was_never_accepted_may_be_sent_again(as_alice: APIClient, alice: User) -> None:
    refused_fields(as_alice.post(URL, {"prompt": ""}, **KEY))
    quota = Quota.objects.current(alice)
    Quota.objects.correct(alice, allowance=-quota.limit, actor=None, reason="Nothing is left")
    problem_of(as_alice.post(URL, BODY, **KEY), 402, "quota_exhausted")
    Quota.objects.correct(alice, allowance=quota.limit, actor=None, reason="All is back")
    answer = as_alice.post(URL, BODY, **KEY)
    assert (answer.status_code, answer.has_header("Idempotent-Replayed")) == (200, False)


def test_what_was_deleted_is_not_drawn_again(as_alice: APIClient, alice: User) -> None:
    as_alice.delete(f"/api/v1/generations/{as_alice.post(URL, BODY, **KEY).json()['id']}")
    problem_of(as_alice.post(URL, BODY, **KEY), 409, "conflict")
    assert used(alice) == 1


def test_after_a_day_a_key_is_new(as_alice: APIClient) -> None:
    as_alice.post(URL, BODY, **KEY)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert as_alice.post(URL, BODY | {"seed": 7}, **KEY).status_code == 200
    assert IdempotencyKey.objects.count() == 1


def test_old_keys_are_forgotten(as_alice: APIClient) -> None:
    as_alice.post(URL, BODY, **KEY)
    assert IdempotencyKey.objects.old(timezone.now() - timedelta(hours=24)).count() == 0
    assert IdempotencyKey.objects.old(timezone.now()).count() == 1
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "kö", "two\tparts"])
def test_a_key_of_another_form_is_refused(as_alice: APIClient, key: str) -> None:
    answer = as_alice.post(URL, BODY, HTTP_IDEMPOTENCY_KEY=key)
    assert refused_fields(answer) == {"Idempotency-Key": "invalid"}
    assert not Generation.objects.exists()
