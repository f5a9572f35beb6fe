"""What staff see of generations, and what they do with them."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Kind, LedgerEntry, Quota, User
from generation.engine import errors
from generation.exceptions import REASONS
from generation.models import GeneratedImage, Generation, Picture, Status
from tests.conftest import PASSWORD
from tests.generation.pictures import file_of, scene

LIST = "/admin/generation/generation/"
Submit = Callable[..., Generation]


@pytest.fixture
def generation(submit: Submit) -> Generation:
    generation = submit(prompt="a <b>bold</b> boat", num_images=2)
    generation.succeed([Picture(0, 7, file_of(scene(size=(192, 128)))), Picture(1, 8, b"second")])
    return generation


@pytest.fixture
def staff(db: None) -> Callable[..., APIClient]:
    """Makes members of staff with these permissions alone."""

    def make(*permissions: str) -> APIClient:
        user = User.objects.create_user(f"{uuid4()}@example.com", PASSWORD, is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(
                content_type__app_label="generation",
                codename__in=[f"{name}_generation" for name in permissions],
            )
        )
        client = APIClient(raise_request_exception=False)
        client.force_login(user)
        return client

    return make


def act(client: APIClient, action: str, *generations: Generation, **more: str) -> str:
    """Do it from the list; the page that comes back."""
    form: dict[str, Any] = {"action": action, "_selected_action": [str(one.pk) for one in generations]}
    answer = client.post(LIST, form | more, format="multipart", follow=True)
    return answer.content.decode()


def test_it_works(as_carol: APIClient, generation: Generation) -> None:
    page = as_carol.get(LIST).content.decode()
    assert f"{LIST}thumbnail/{GeneratedImage.objects.get(index=0).pk}" in page
    assert "a &lt;b&gt;bold&lt;/b&gt; boat" in page
    assert "alice@example.com" in page


def test_all_parameters_and_pictures_are_shown(as_carol: APIClient, generation: Generation) -> None:
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    for value in ("64 x 64", "ddim", "request-1", "tiny"):
        assert value in page
    for image in generation.images.all():
        assert f"picture/{image.pk}" in page


def test_the_pictures_that_were_sent_along_are_shown(
    as_carol: APIClient, submit: Submit, django_capture_on_commit_callbacks: Any
) -> None:
    generation = submit(image=bytes(64 * 64 * 3), mask=bytes(64 * 64), strength=0.5)
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    for name in ("image", "mask"):
        url = f"{LIST}input/{generation.pk}/{name}"
        assert url in page
        assert b"".join(as_carol.get(url).streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert as_carol.get(f"{LIST}input/{generation.pk}/0").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        generation.fail("generation_failed")
    assert as_carol.get(f"{LIST}input/{generation.pk}/mask").status_code == 404


def test_search_and_filters(as_carol: APIClient, generation: Generation, submit: Submit, bob: User) -> None:
    theirs = submit(bob, prompt="a red house")
    Generation.objects.filter(pk=theirs.pk).update(request_id="request-2", request_type="inpainting")
    theirs.fail("generation_failed", "worker_lost")
    for query, found in [
        ("q=alice", generation),
        ("q=ALICE%40example", generation),
        (f"q={generation.pk}", generation),
        ("q=request-2", theirs),
        ("status__exact=succeeded", generation),
        ("request_type=inpainting", theirs),
        ("error_reason=worker_lost", theirs),
    ]:
        page = as_carol.get(f"{LIST}?{query}").content.decode()
        other = theirs if found is generation else generation
        assert f"{LIST}{found.pk}/change/" in page
        assert f"{LIST}{other.pk}/change/" not in page


@pytest.mark.parametrize("query", ["q=boat", f"q={uuid4()}", "error_reason=timeout"])
def test_what_finds_nothing(as_carol: APIClient, generation: Generation, bob: User, query: str) -> None:
    assert "Nothing here." in as_carol.get(f"{LIST}?{query}").content.decode()


def test_every_reason_of_the_engine_can_be_chosen() -> None:
    never_kept = {"model_loading", "canceled"}
    reasons = {error.reason for error in errors.EngineError.__subclasses__()}
    assert reasons - never_kept <= set(REASONS)


def test_a_list_of_fifty_takes_few_queries(as_carol: APIClient, submit: Submit) -> None:
    for number in range(50):
        submit(seed=number).succeed([Picture(0, number, b"a picture")])
    with CaptureQueriesContext(connection) as queries:
        assert as_carol.get(LIST).content.decode().count('class="thumbnail"') == 50
    assert len(queries) <= 15
    assert not [query for query in queries if "COUNT" in query["sql"] and "LIMIT" not in query["sql"]]


def test_nothing_can_be_changed(as_carol: APIClient, generation: Generation) -> None:
    assert as_carol.get(f"{LIST}add/").status_code == 403
    assert as_carol.post(f"{LIST}{generation.pk}/change/", {"prompt": "x"}).status_code == 403


def test_the_picture_is_for_staff_alone(
    as_carol: APIClient, alice: User, client: Client, generation: Generation
) -> None:
    url = f"{LIST}picture/{GeneratedImage.objects.get(index=1).pk}"
    assert b"".join(as_carol.get(url).streaming_content) == b"second"  # type: ignore[attr-defined]
    assert client.get(url).status_code == 302
    client.force_login(alice)
    assert client.get(url).status_code == 302
    assert client.get(f"{LIST}input/{generation.pk}/image").status_code == 302
    alice.is_staff = True
    alice.save()
    assert client.get(url).status_code == 403


def test_a_thumbnail_is_small_and_for_staff_alone(
    as_carol: APIClient, client: Client, alice: User, staff: Callable[..., APIClient], generation: Generation
) -> None:
    first, second = (f"{LIST}thumbnail/{image.pk}" for image in generation.images.all())
    answer = as_carol.get(first)
    picture = Image.open(BytesIO(answer.content))
    assert (picture.format, max(picture.size)) == ("WEBP", 96)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "private, max-age=86400")
    assert as_carol.get(first, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert as_carol.get(second).status_code == 404
    client.force_login(alice)
    assert client.get(first).status_code == 302
    assert staff().get(first).status_code == 403
    assert staff("view").get(first).status_code == 200


def test_the_ledger_of_one_is_shown(as_carol: APIClient, generation: Generation, carol: User) -> None:
    generation.refund(carol, "The sky is green")
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    for word in ("reserve", "settle", "refund", "The sky is green", "Succeeded, refunded"):
        assert word in page


ACTIONS = [
    ("cancel", "change", Status.CANCELED, "Canceled: 1 of 4."),
    ("refund", "refund", Status.SUCCEEDED, "Refunded: 1 of 4."),
]


@pytest.mark.parametrize(("action", "permission", "status", "told"), ACTIONS)
def test_staff_with_the_permission_settle_what_can_be(
    staff: Callable[..., APIClient],
    submit: Submit,
    alice: User,
    action: str,
    permission: str,
    status: Status,
    told: str,
) -> None:
    queued, succeeded, failed, canceled = (submit(cost=2) for _ in range(4))
    succeeded.succeed([Picture(0, 7, b"first")])
    failed.fail("generation_failed")
    canceled.cancel()
    client = staff("view", permission)
    everything = (queued, succeeded, failed, canceled)
    page = act(client, action, *everything, reason="Support case 7")
    assert told in page
    assert Quota.objects.current(alice).used == 2
    line = LedgerEntry.objects.get(kind=Kind.REFUND, reason="Support case 7")
    assert (line.credits, line.actor.email) == (2, User.objects.get(is_staff=True).email)  # type: ignore[union-attr]
    settled = Generation.objects.get(pk=str(line.generation))
    assert (settled.status, settled.cost) == (status, 0)
    history = client.get(f"{LIST}{settled.pk}/history/").content.decode()
    assert "Canceled." in history or "Refunded 2 credits: Support case 7" in history
    assert ": 0 of 4." in act(client, action, *everything, reason="Support case 7")
    assert Quota.objects.current(alice).used == 2


@pytest.mark.parametrize("action", ["cancel", "refund", "again", "delete_selected"])
def test_without_the_permission_nothing_is_done(
    staff: Callable[..., APIClient], submit: Submit, generation: Generation, action: str
) -> None:
    waiting = submit()
    client = staff("view", *({"change", "refund"} - {"refund" if action == "refund" else "change"}))
    act(client, action, generation, waiting, reason="x", post="yes")
    assert act(client, action, generation).count(f'value="{action}"') == 0
    assert Generation.objects.count() == 2
    assert {Generation.objects.get(pk=one.pk).status for one in (generation, waiting)} == {
        Status.SUCCEEDED,
        Status.QUEUED,
    }
    assert not LedgerEntry.objects.filter(kind=Kind.REFUND).exists()


def test_nobody_settles_their_own(staff: Callable[..., APIClient], submit: Submit, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    generation = submit()
    client = staff("view", "change", "refund", "delete")
    for action in ("cancel", "again"):
        assert ": 0 of 1." in act(client, action, generation)
    generation.succeed([Picture(0, 7, b"first")])
    assert "Refunded: 0 of 1." in act(client, "refund", generation, reason="x")
    assert client.post(f"{LIST}{generation.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Generation.objects.get().cost == 1


def test_a_refund_needs_a_reason(as_carol: APIClient, generation: Generation) -> None:
    assert "Give a reason" in act(as_carol, "refund", generation, reason=" ")
    assert not Generation.objects.get().refunded_at


def test_nobody_chooses_all_that_there_is(as_carol: APIClient, submit: Submit) -> None:
    waiting = submit()
    assert "Choose from what the page shows." in act(as_carol, "cancel", waiting, select_across="1")
    assert Generation.objects.get().status == Status.QUEUED


def test_one_is_settled_on_its_own_page(as_carol: APIClient, generation: Generation) -> None:
    page = as_carol.get(f"{LIST}{generation.pk}/change/").content.decode()
    assert f'action="{LIST}?q={generation.pk}"' in page
    assert all(f'<option value="{action}"' in page for action in ("cancel", "refund", "again"))


def test_staff_delete_with_the_permission(
    staff: Callable[..., APIClient], submit: Submit, generation: Generation, alice: User
) -> None:
    waiting = submit(cost=5)
    assert staff("view").post(f"{LIST}{generation.pk}/delete/", {"post": "yes"}).status_code == 403
    client = staff("view", "delete")
    client.post(f"{LIST}{waiting.pk}/delete/", {"post": "yes"}, format="multipart")
    line = LedgerEntry.objects.get(kind=Kind.REFUND)
    assert (line.credits, line.actor is None, line.reason) == (5, False, "Deleted by staff")
    act(client, "delete_selected", generation, post="yes")
    assert not Generation.objects.exists()
    assert Quota.objects.current(alice).used == 1
