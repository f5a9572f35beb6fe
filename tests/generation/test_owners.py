"""What belongs to somebody is not there for others, as if it had never been."""

import uuid
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from generation.models import Generation
from tests.problems import problem_of


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/generations/{generation}"),
        ("delete", "/api/v1/generations/{generation}"),
        ("post", "/api/v1/generations/{generation}/cancel"),
        ("get", "/api/v1/generations/{generation}/events"),
        ("get", "/api/v1/generations/{generation}/images/0"),
        ("delete", "/api/v1/tokens/{token}"),
    ],
)
def test_what_is_somebody_elses_is_not_there(
    as_bob: APIClient, alice: User, submit: Callable[..., Generation], method: str, path: str
) -> None:
    token, _ = AuthToken.objects.give(alice, "Job")
    theirs = path.format(generation=submit().id, token=token.pk)
    unknown = path.format(generation=uuid.uuid4(), token=10**6)
    answers = [problem_of(getattr(as_bob, method)(url), 404, "not_found") for url in (theirs, unknown)]
    assert answers[0]["detail"] == answers[1]["detail"]
