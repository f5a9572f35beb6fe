"""Several pictures in one archive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from generation.api.archives import archive
from generation.api.bundle import Bundle, own
from generation.models import Generation, Picture
from generation.pictures.storage import pictures
from tests.problems import problem_of, refused_fields

URL = "/api/v1/generations/archive"
Submit = Callable[..., Generation]


@pytest.fixture
def drawn(submit: Submit) -> Submit:
    """Makes a generation of a day with pictures."""

    def make(number: int = 1, **changes: Any) -> Generation:
        generation = submit(num_images=number, **changes)
        created_at = datetime(2026, 11, 26, 23, 59, tzinfo=UTC)
        Generation.objects.filter(pk=generation.pk).update(created_at=created_at)
        generation.refresh_from_db()
        generation.succeed([Picture(index, index, f"picture {index}".encode()) for index in range(number)])
        return generation

    return make


def at(*ids: object) -> str:
    return f"{URL}?{urlencode({'id': [str(one) for one in ids]}, doseq=True)}"


def fetched(client: APIClient, *generations: Generation) -> dict[str, bytes]:
    answer = client.get(at(*(one.id for one in generations)), headers={"accept": "image/png"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with ZipFile(BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(set(archive.namelist()))
        return {name: archive.read(name) for name in archive.namelist()}


def short(generation: Generation) -> str:
    return generation.id.hex[:8]


def test_it_works(as_alice: APIClient, drawn: Submit) -> None:
    first, second = drawn(2, prompt="A red house!"), drawn(output_format="webp", prompt="a boat")
    assert fetched(as_alice, second, first) == {
        f"2026-11-26-a-boat-{short(second)}-0.webp": b"picture 0",
        f"2026-11-26-a-red-house-{short(first)}-0.png": b"picture 0",
        f"2026-11-26-a-red-house-{short(first)}-1.png": b"picture 1",
    }
    answer = as_alice.get(at(first.id))
    assert answer["Content-Disposition"].startswith('attachment; filename="pictures-')
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("prompt", "slug"),
    [
        ("ein rotes Häuschen/../x", "ein-rotes-hauschenx-"),
        ("赤い家", ""),
        ("🏠", ""),
        ("x" * 50, f"{'x' * 40}-"),
        (f"{'x' * 39} y", f"{'x' * 39}-"),
        ("--- __", ""),
    ],
)
def test_a_name_is_plain(as_alice: APIClient, drawn: Submit, prompt: str, slug: str) -> None:
    generation = drawn(prompt=prompt)
    assert list(fetched(as_alice, generation)) == [f"2026-11-26-{slug}{short(generation)}-0.png"]


def test_no_name_tells_a_prompt_that_pictures_do_not(as_alice: APIClient, alice: User, drawn: Submit) -> None:
    alice.prompts_in_pictures = False
    alice.save()
    generation = drawn(prompt="my secret")
    assert list(fetched(as_alice, generation)) == [f"2026-11-26-{short(generation)}-0.png"]


def test_ids_that_begin_alike_have_names_of_their_own(alice: User, drawn: Submit) -> None:
    twins = own(alice, [drawn().id, drawn().id])
    for number, twin in enumerate(twins):
        twin.id = UUID(f"{'a' * 31}{number}")
    names = [name for name, _, _ in Bundle(twins).pictures()]
    assert len(set(names)) == 2


def test_the_same_twice_comes_once(as_alice: APIClient, drawn: Submit) -> None:
    generation = drawn()
    assert len(fetched(as_alice, generation, generation)) == 1


def test_what_is_not_there_is_named(as_alice: APIClient, submit: Submit, drawn: Submit) -> None:
    kept, over, gone, waiting = drawn(), drawn(), drawn(), submit()
    Generation.objects.filter(pk=over.pk).update(expired_at=datetime(2026, 12, 1, tzinfo=UTC))
    pictures().delete(str(gone.images.get().file.name))
    files = fetched(as_alice, over, kept, gone, waiting)
    assert list(files) == [f"2026-11-26-a-red-house-{short(kept)}-0.png", "left-out.txt"]
    assert files["left-out.txt"].decode().splitlines() == [
        f"2026-11-26-a-red-house-{short(over)}-0.png: removed by age on 2026-12-01",
        f"2026-11-26-a-red-house-{short(gone)}-0.png: its file is gone",
        f"{waiting.created_at:%Y-%m-%d}-a-red-house-{short(waiting)}: queued, without a picture",
    ]


def test_nothing_is_left(as_alice: APIClient, drawn: Submit) -> None:
    over, gone = drawn(), drawn()
    Generation.objects.filter(pk=over.pk).update(expired_at=timezone.now() - timedelta(days=1))
    pictures().delete(str(gone.images.get().file.name))
    problem = problem_of(as_alice.get(at(over.id, gone.id)), 404, "not_found")
    assert [error["field"] for error in problem["errors"]] == ["id"]


def test_a_strangers_is_unknown(as_bob: APIClient, drawn: Submit, bob: User) -> None:
    bobs, alices, nobodys = drawn(user=bob), drawn(), uuid4()
    problems = [problem_of(as_bob.get(at(bobs.id, one)), 404, "not_found") for one in (alices.id, nobodys)]
    stranger, unknown = (problem["errors"] for problem in problems)
    assert stranger[0]["message"].replace(str(alices.id), str(nobodys)) == unknown[0]["message"]
    assert [error["field"] for error in stranger + unknown] == ["id", "id"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"id": "required"}),
        ("id=", {"id": "invalid"}),
        ("id=x", {"id": "invalid"}),
        (f"id={uuid4()}&id=x", {"id": "invalid"}),
        (f"id={uuid4()}&page_size=5", {"page_size": "unknown_field"}),
        ("&".join(f"id={uuid4()}" for _ in range(101)), {"id": "max_length"}),
    ],
)
def test_a_wrong_query_is_refused_by_name(as_alice: APIClient, query: str, fields: dict[str, str]) -> None:
    assert refused_fields(as_alice.get(f"{URL}?{query}")) == fields


def test_a_token_to_read_is_enough(as_alice: APIClient, alice: User, drawn: Submit) -> None:
    generation = drawn()
    for scopes, status in ((["read"], 200), (["generate"], 403)):
        _, secret = AuthToken.objects.give(alice, "Job", scopes=scopes)
        as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert as_alice.get(at(generation.id)).status_code == status


def test_no_more_than_a_piece_is_held(alice: User, submit: Submit) -> None:
    generation, piece = submit(num_images=4), bytes(1_000_000)
    generation.succeed([Picture(index, index, piece) for index in range(4)])
    pieces = [len(part) for part in archive(Bundle(own(alice, [generation.id])).pictures())]
    assert sum(pieces) > 4_000_000
    assert max(pieces) < 100_000
