"""Ending a generation before it is done: nothing is charged, nothing is left, and the engine does no more for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuthToken, Kind, Quota, User
from generation.engine import Engine
from generation.models import GeneratedImage, Generation, Picture, Status
from tests.generation.files import files_of, is_gone
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
LONG = {"prompt": "a red house", "width": 128, "height": 128, "num_inference_steps": 150, "num_images": 4}
ROUNDS = 30
Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db(transaction=True)


def used(user: User) -> int:
    return Quota.objects.current(user).used


def in_thread(pool: ThreadPoolExecutor, task: Callable[[], Any]) -> Future[Any]:
    def run() -> Any:
        try:
            return task()
        finally:
            connection.close()

    return pool.submit(run)


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` gives once it gives something."""
    for _ in range(3000):
        if found := condition():
            return found
        sleep(0.005)
    raise AssertionError("It never came.")


def running(engine: Engine) -> Generation:
    """The generation that the engine has begun to draw."""
    ticks = engine.figures.ticks
    generation = until(Generation.objects.filter(status=Status.RUNNING).first)
    until(lambda: engine.figures.ticks > ticks + 2)
    return generation


def test_it_works(submit: Submit, alice: User, carol: User) -> None:
    generation = submit(cost=3, image=bytes(64 * 64 * 3), strength=0.5)
    assert files_of(generation) == {"image.png"}
    assert generation.cancel(carol, "At the owner's request")
    assert is_gone(generation)
    assert (used(alice), Generation.objects.get().cost) == (0, 0)
    line = alice.ledger.get(kind=Kind.REFUND)
    assert (line.credits, line.actor, line.reason) == (3, carol, "At the owner's request")


@pytest.mark.parametrize("end", ["succeed", "fail", "cancel"])
def test_what_has_ended_is_not_canceled(submit: Submit, alice: User, end: str) -> None:
    generation = submit(cost=3)
    arguments = {"succeed": ([Picture(0, 7, b"first")],), "fail": ("generation_failed",), "cancel": ()}
    getattr(generation, end)(*arguments[end])
    assert not generation.cancel()
    assert used(alice) == (3 if end == "succeed" else 0)
    assert not Quota.objects.unexplained().exists()


def test_what_was_counted_against_a_cap_is_given_back(submit: Submit, alice: User) -> None:
    token, _ = AuthToken.objects.give(alice, "Job", credit_cap=10)
    submit(cost=3, token=token).cancel()
    token.refresh_from_db()
    assert token.spent == 0


def test_a_cap_that_came_later_is_left_alone(submit: Submit, alice: User) -> None:
    token, _ = AuthToken.objects.give(alice, "Job")
    before = submit(cost=3, token=token)
    AuthToken.objects.update(credit_cap=10)
    token.refresh_from_db()
    submit(cost=4, token=token)
    before.cancel()
    token.refresh_from_db()
    assert token.spent == 4


def test_the_engine_stops_and_the_client_is_told(engine: Engine, as_alice: APIClient, alice: User) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = in_thread(pool, lambda: as_alice.post(URL, LONG))
        generation = running(engine)
        assert generation.cancel()
        ticks = engine.figures.ticks
        answer = waiting.result(60)
    problem = problem_of(answer, 409, "generation_canceled")
    assert engine.figures.ticks <= ticks + 2
    assert (used(alice), is_gone(generation)) == (0, True)
    shown = as_alice.get(f"/api/v1/generations/{generation.id}").json()
    assert (shown["status"], shown["cost"], shown["images"]) == ("canceled", 0, [])
    assert shown["error"] == problem


def test_one_that_waits_for_the_engine_is_never_begun(
    use_engine: UseEngine, submit: Submit, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Canceled after it was accepted and before the engine has it."""
    engine = use_engine("Held")
    take = engine.submit

    def cancel_and_take(*arguments: Any, **options: Any) -> Any:
        assert Generation.objects.get().cancel()
        return take(*arguments, **options)

    monkeypatch.setattr(engine, "submit", cancel_and_take)
    problem_of(as_alice.post(URL, {"prompt": "a red house"}), 409, "generation_canceled")
    assert Generation.objects.get().status == Status.CANCELED


def test_deleted_while_it_is_drawn(engine: Engine, as_alice: APIClient, alice: User) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = in_thread(pool, lambda: as_alice.post(URL, LONG))
        generation = running(engine)
        Generation.objects.all().delete()
        problem_of(waiting.result(60), 409, "generation_canceled")
    assert is_gone(generation)
    assert (Generation.objects.count(), used(alice)) == (0, 0)
    assert not Quota.objects.unexplained().exists()


def test_of_canceling_and_finishing_one_wins(submit: Submit, alice: User) -> None:
    succeeded = 0
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            generation, both = submit(cost=1), Barrier(2)
            mine = Generation.objects.get(pk=generation.pk)

            def finish(generation: Generation = generation, both: Barrier = both) -> bool:
                both.wait()
                return generation.succeed([Picture(0, 7, b"first")])

            def cancel(mine: Generation = mine, both: Barrier = both) -> bool:
                both.wait()
                return mine.cancel()

            finished, canceled = in_thread(pool, finish), in_thread(pool, cancel)
            assert finished.result() != canceled.result()
            generation.refresh_from_db()
            assert (generation.status == Status.SUCCEEDED) == finished.result()
            assert is_gone(generation) != finished.result()
            assert generation.images.count() == finished.result()
            succeeded += finished.result()
    assert used(alice) == succeeded
    assert not Quota.objects.unexplained().exists()


def test_of_deleting_and_finishing_nothing_is_left(submit: Submit, alice: User) -> None:
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            generation, both = submit(cost=1), Barrier(2)
            mine = Generation.objects.get(pk=generation.pk)

            def finish(generation: Generation = generation, both: Barrier = both) -> bool:
                both.wait()
                return generation.succeed([Picture(0, 7, b"first")])

            def delete(mine: Generation = mine, both: Barrier = both) -> None:
                both.wait()
                mine.delete()

            finished, deleted = in_thread(pool, finish), in_thread(pool, delete)
            deleted.result()
            finished.result()
            assert is_gone(generation)
    assert not Generation.objects.exists()
    assert not GeneratedImage.objects.exists()
    assert not Quota.objects.unexplained().exists()
