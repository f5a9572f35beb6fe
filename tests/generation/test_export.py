"""All that is one's own in one archive, and nothing that is somebody else's; and an account that is gone."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, LimitIncrease, Quota, User
from generation.models import Generation, Hook, Picture, Webhook
from generation.pictures.storage import pictures
from tests.conftest import PASSWORD
from tests.generation.files import is_gone
from tests.problems import problem_of

URL = "/api/v1/account/export"
Submit = Callable[..., Generation]


def exported(client: APIClient) -> dict[str, bytes]:
    answer = client.get(URL, headers={"accept": "application/zip"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with ZipFile(BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def parsed(files: dict[str, bytes]) -> dict[str, Any]:
    return {name: json.loads(content) for name, content in files.items() if name.endswith(".json")}


def test_it_works(as_alice: APIClient, alice: User, submit: Submit) -> None:
    generation = submit(image=bytes(64 * 64 * 3), strength=0.5, num_images=2)
    with generation.folder.input_file("image") as file:
        came_along = file.read()
    generation.succeed([Picture(0, 7, b"first"), Picture(1, 8, b"second")])
    LimitIncrease.objects.ask(alice, 5, "A book")
    files = exported(as_alice)
    folder = f"pictures/{generation.id}"
    assert files[f"{folder}/0.png"] == b"first"
    assert files[f"{folder}/1.png"] == b"second"
    assert files[f"{folder}/image.png"] == came_along
    facts = parsed(files)
    assert facts["account.json"]["email"] == alice.email
    assert [line["kind"] for line in facts["ledger.json"]] == ["settle", "reserve"]
    assert [token["name"] for token in facts["tokens.json"]] == ["Login"]
    assert [increase["reason"] for increase in facts["increases.json"]] == ["A book"]
    (shown,) = facts["generations.json"]
    assert shown["parameters"]["prompt"] == "a red house"
    assert [image["file"] for image in shown["images"]] == [f"{folder}/0.png", f"{folder}/1.png"]


def test_what_was_told_of_it(as_alice: APIClient, as_bob: APIClient, submit: Submit) -> None:
    generation = submit()
    hook = Hook(
        "https://hooks.example/?key=receivers-own-key", ["generation.succeeded"], "https://pictures.example/"
    )
    Webhook.objects.keep(generation, hook)
    generation.succeed([Picture(0, 7, b"first")])
    files = exported(as_alice)
    (told,) = parsed(files)["webhooks.json"]
    assert (told["generation"], told["url"]) == (str(generation.id), hook.url)
    assert (told["event"], told["state"], told["attempts"]) == ("generation.succeeded", "waiting", 0)
    assert "whsec_" not in str(files)
    assert parsed(exported(as_bob))["webhooks.json"] == []


def test_an_account_with_nothing_in_it(as_alice: APIClient) -> None:
    facts = parsed(exported(as_alice))
    assert facts["generations.json"] == facts["ledger.json"] == []


def test_nothing_of_others_and_no_secret(
    as_alice: APIClient, as_bob: APIClient, alice: User, submit: Submit
) -> None:
    secret = as_alice.post("/api/v1/tokens", {"name": "Job"}).json()["token"]
    submit().succeed([Picture(0, 7, b"first")])
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    bobs = exported(as_bob)
    assert not any(name.startswith("pictures/") for name in bobs)
    assert alice.email not in str(bobs)
    assert parsed(bobs)["generations.json"] == parsed(bobs)["ledger.json"] == []
    alice.refresh_from_db()
    alices = str(exported(as_alice))
    for hidden in (secret, AuthToken.objects.of(alice)[0].digest, alice.password):
        assert hidden not in alices


def test_a_file_that_is_gone_is_left_out(as_alice: APIClient, submit: Submit) -> None:
    generation = submit(num_images=2)
    generation.succeed([Picture(0, 7, b"first"), Picture(1, 8, b"second")])
    pictures().delete(generation.folder.picture_path(0, None))
    assert [name for name in exported(as_alice) if name.startswith("pictures/")] == [
        f"pictures/{generation.id}/1.png"
    ]


def test_a_program_may_not(as_alice: APIClient, alice: User) -> None:
    _, secret = AuthToken.objects.give(alice, "Job")
    as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    problem_of(as_alice.get(URL), 403, "permission_denied")


@pytest.mark.django_db(transaction=True)
def test_an_account_goes_with_its_pictures(as_alice: APIClient, bob: User, submit: Submit) -> None:
    done, waiting, bobs = submit(), submit(image=bytes(64 * 64 * 3), strength=0.5), submit(user=bob)
    for generation in (done, bobs):
        generation.succeed([Picture(0, 7, b"first")])
    assert as_alice.delete("/api/v1/account", {"password": PASSWORD}).status_code == 204
    assert [is_gone(generation) for generation in (done, waiting, bobs)] == [True, True, False]
    assert list(Generation.objects.all()) == [bobs]
    problem_of(as_alice.get(URL), 401, "invalid_token")
