"""How many generations a user may ask for in a minute."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import AuthToken, Plan, User
from tests.conftest import Clock
from tests.problems import problem_of, refused_fields

URLS = [f"/api/v1/{name}" for name in ("text-to-image-generator", "image-manipulator1", "image-manipulator2")]


@pytest.fixture(autouse=True)
def _two_a_minute(settings: Settings, clock: Clock) -> None:
    settings.DEFAULT_RATE_LIMIT = 2


def test_it_works(as_alice: APIClient) -> None:
    first, second, third = (as_alice.post(url, {}) for url in URLS)
    assert refused_fields(first).keys() >= {"prompt"}
    assert first["RateLimit-Policy"] == second["RateLimit-Policy"] == '"generate";q=2;w=60'
    assert [first["RateLimit"][:14], second["RateLimit"][:14]] == ['"generate";r=1', '"generate";r=0']
    problem_of(third, 429, "rate_limited")
    assert third["RateLimit-Policy"] == '"generate";q=2;w=60'
    assert third["RateLimit"] == f'"generate";r=0;t={third["Retry-After"]}'


def test_the_next_minute_is_another_one(as_alice: APIClient, clock: Clock) -> None:
    answers = [as_alice.post(URLS[0], {}) for _ in range(3)]
    clock.now += int(answers[-1]["Retry-After"])
    assert as_alice.post(URLS[0], {}).status_code == 400


def test_another_user_is_not_held_up(as_alice: APIClient, as_bob: APIClient) -> None:
    answers = [as_alice.post(URLS[0], {}).status_code for _ in range(3)]
    assert (answers[-1], as_bob.post(URLS[0], {}).status_code) == (429, 400)


def test_a_plan_may_allow_more(as_alice: APIClient, alice: User) -> None:
    alice.plan = Plan.objects.create(name="Studio", rate_limit=3)
    alice.save()
    answers = [as_alice.post(URLS[0], {}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert answers[0]["RateLimit-Policy"] == '"generate";q=3;w=60'


def test_what_draws_nothing_does_not_count(as_alice: APIClient) -> None:
    for _ in range(3):
        assert as_alice.get(URLS[0]).status_code == 405
        assert as_alice.get("/api/v1/generations").status_code == 200
    assert as_alice.post(URLS[0], {})["RateLimit"].startswith('"generate";r=1;')


def test_who_is_not_known_is_told_so(nobody: APIClient, db: None) -> None:
    for _ in range(3):
        assert "RateLimit" not in nobody.post(URLS[0], {})
    problem_of(nobody.post(URLS[0], {}), 401, "not_authenticated")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_are_let_in_as_may(alice: User, settings: Settings) -> None:
    settings.DEFAULT_RATE_LIMIT = 7
    _, secret = AuthToken.objects.issue(alice)

    def ask(_: int) -> int:
        try:
            return APIClient().post(URLS[0], {}, HTTP_AUTHORIZATION=f"Bearer {secret}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(ask, range(60))) == {400: 7, 429: 53}
