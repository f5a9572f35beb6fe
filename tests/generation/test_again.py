"""Running a generation again for its owner."""

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Kind, Quota, User
from generation.engine import Engine
from generation.models import Generation, Hook, Picture, Status, Webhook
from generation.work.again import CannotRunAgain, run_again

Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]

pytestmark = pytest.mark.django_db(transaction=True)


def ended(generation: Generation) -> Generation:
    """The generation, once its thread is done with it."""
    for _ in range(3000):
        generation.refresh_from_db()
        if generation.status not in (Status.QUEUED, Status.RUNNING):
            return generation
        sleep(0.005)
    raise AssertionError("It never ended.")


def test_it_works(engine: Engine, submit: Submit, alice: User) -> None:
    failed = submit(cost=3, seed=5, num_images=2, width=128)
    failed.fail("generation_failed", "out_of_memory")
    again = ended(run_again(failed, "request-2"))
    assert (again.status, again.user, again.request_id) == (Status.SUCCEEDED, alice, "request-2")
    assert again.params == failed.params
    assert [image.seed for image in again.images.all()] == [5, 6]
    assert (again.cost, Quota.objects.current(alice).used) == (2, 2)
    assert alice.ledger.filter(kind=Kind.SETTLE, generation=again.id).exists()
    assert not Quota.objects.unexplained().exists()


def test_it_is_told_where_the_first_was_to_be(engine: Engine, submit: Submit) -> None:
    failed = submit()
    hook = Hook("https://hooks.example/", ["generation.failed"], "https://pictures.example/")
    Webhook.objects.keep(failed, hook)
    failed.fail("generation_failed", "out_of_memory")
    again = ended(run_again(failed, "request-2"))
    assert Webhook.objects.hook_of(again) == hook


def test_with_the_pictures_that_came_along(engine: Engine, submit: Submit) -> None:
    first = submit(image=bytes(64 * 64 * 3), mask=bytes(64 * 64), strength=0.5)
    first.succeed([Picture(0, 7, b"first")])
    again = ended(run_again(first, "request-2"))
    assert again.status == Status.SUCCEEDED
    assert again.params == first.params


def test_one_that_fails_again_is_refunded(use_engine: UseEngine, submit: Submit, alice: User) -> None:
    use_engine("Full")
    failed = submit()
    failed.fail("generation_failed", "out_of_memory")
    again = ended(run_again(failed, "request-2"))
    assert (again.status, again.error_reason) == (Status.FAILED, "out_of_memory")
    assert Quota.objects.current(alice).used == 0


def refused(generation: Generation, why: str) -> None:
    count = Generation.objects.count()
    with pytest.raises(CannotRunAgain, match=why):
        run_again(generation, "request-2")
    assert Generation.objects.count() == count


def test_what_cannot_be_is_refused_with_a_reason(use_engine: UseEngine, submit: Submit, alice: User) -> None:
    use_engine("Noise")
    refused(submit(), "It is not done yet")
    reworked = submit(image=bytes(64 * 64 * 3), strength=0.5)
    reworked.fail("generation_failed")
    refused(reworked, "Its owner has to send them anew")
    plain = submit(num_images=2)
    plain.fail("generation_failed")
    Quota.objects.update(used=99)
    refused(plain, "This costs 2 credits. 1 credit is left")
    alice.is_active = False
    alice.save()
    plain.refresh_from_db()
    refused(plain, "The owner's account is disabled")


@pytest.mark.parametrize(
    ("runner", "why"), [("SlowToLoad", "The model is being loaded"), ("Refused", "The engine does not run")]
)
def test_without_an_engine_it_is_refused(
    use_engine: UseEngine, submit: Submit, runner: str, why: str
) -> None:
    failed = submit()
    failed.fail("generation_failed")
    use_engine(runner)
    refused(failed, why)


def test_staff_do_it_in_admin(engine: Engine, submit: Submit, as_carol: APIClient, client: Client) -> None:
    failed, waiting = submit(), submit()
    failed.fail("generation_failed", "worker_lost")
    form: dict[str, Any] = {"action": "again", "_selected_action": [str(failed.pk), str(waiting.pk)]}
    page = as_carol.post("/admin/generation/generation/", form, format="multipart", follow=True)
    assert "Run again: 1 of 2." in page.content.decode()
    assert "It is not done yet." in page.content.decode()
    (again,) = Generation.objects.exclude(pk__in=[failed.pk, waiting.pk])
    assert ended(again).status == Status.SUCCEEDED
    history = as_carol.get(f"/admin/generation/generation/{failed.pk}/history/").content.decode()
    assert f"Run again as {again.pk}." in history
