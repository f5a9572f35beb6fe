"""Guessing passwords and making accounts is slowed, by address and by account."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.counters import Counter as RateCounter
from accounts.exceptions import RateLimited
from accounts.models import User
from accounts.ratelimits import count_password_reset
from tests.conftest import PASSWORD, Clock
from tests.problems import problem_of

ALICE = "alice@example.com"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"
QUARTER = 15 * 60


def log_in(email: str = ALICE, password: str = "a guess", address: str = HOME, via: str = "") -> HttpResponse:
    client = APIClient(raise_request_exception=False)
    body = {"email": email, "password": password}
    return client.post("/api/v1/login", body, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=via)


def guess(times: int, email: str = ALICE, address: str = HOME) -> None:
    for _ in range(times):
        problem_of(log_in(email, address=address), 401, "not_authenticated")


@pytest.mark.parametrize("email", [ALICE, "nobody@example.com"])
def test_ten_wrong_passwords_are_looked_at(clock: Clock, alice: User, email: str) -> None:
    guess(10, email)
    answer = log_in(email.upper(), PASSWORD)
    problem = problem_of(answer, 429, "rate_limited")
    assert problem["detail"] == "That was asked for too often."
    assert answer["RateLimit-Policy"] == f'"login";q=10;w={QUARTER}'
    assert 1 <= int(answer["Retry-After"]) <= QUARTER
    assert answer["RateLimit"] == f'"login";r=0;t={answer["Retry-After"]}'


def test_after_the_time_that_is_told_it_goes_on(clock: Clock, alice: User) -> None:
    guess(10)
    wait = int(log_in()["Retry-After"])
    clock.now += wait - 1
    assert log_in()["Retry-After"] == "1"
    clock.now += 1
    assert log_in(password=PASSWORD).status_code == 200


def test_others_are_not_held_up(clock: Clock, alice: User, bob: User) -> None:
    guess(10)
    assert log_in(bob.email, PASSWORD).status_code == 200
    assert log_in(password=PASSWORD, address=ELSEWHERE).status_code == 200


def test_right_passwords_do_not_count(clock: Clock, alice: User) -> None:
    for _ in range(12):
        assert log_in(password=PASSWORD).status_code == 200
    guess(9)
    assert log_in(password=PASSWORD).status_code == 200
    guess(1)
    problem_of(log_in(), 429, "rate_limited")


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_ten_are_looked_at(clock: Clock, alice: User) -> None:
    def attempt(_: int) -> int:
        try:
            return log_in().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(attempt, range(60)))
    assert answers == {401: 10, 429: 50}


def test_many_accounts_from_one_address(clock: Clock, settings: Settings, alice: User) -> None:
    settings.RATE_LOGIN_ADDRESS = "12/h"
    for number in range(12):
        guess(1, f"somebody{number}@example.com")
    answer = log_in(password=PASSWORD)
    problem_of(answer, 429, "rate_limited")
    assert answer["RateLimit-Policy"] == '"login-address";q=12;w=3600'
    assert log_in(password=PASSWORD, address=ELSEWHERE).status_code == 200


def test_one_account_from_many_addresses(clock: Clock, settings: Settings, alice: User, bob: User) -> None:
    settings.RATE_LOGIN_ACCOUNT = "12/h"
    for number in range(12):
        guess(1, address=f"198.51.100.{number}")
    assert log_in(password=PASSWORD)["RateLimit-Policy"] == '"login-account";q=12;w=3600'
    assert log_in(bob.email, PASSWORD).status_code == 200


def test_who_is_refused_for_one_account_may_still_use_another(
    clock: Clock, settings: Settings, alice: User, bob: User
) -> None:
    settings.RATE_LOGIN_ADDRESS = "12/h"
    guess(10)
    for _ in range(5):
        problem_of(log_in(), 429, "rate_limited")
    assert log_in(bob.email, PASSWORD).status_code == 200


def test_a_forged_address_does_not_help(clock: Clock, alice: User) -> None:
    for number in range(10):
        assert log_in(via=f"198.51.100.{number}").status_code == 401
    problem_of(log_in(via="192.0.2.1"), 429, "rate_limited")


def test_behind_a_proxy_clients_are_told_apart(clock: Clock, settings: Settings, alice: User) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(10):
        assert log_in(via=f"10.9.8.{number}, {ELSEWHERE}").status_code == 401
    problem_of(log_in(via=f"192.0.2.1, {ELSEWHERE}"), 429, "rate_limited")
    assert log_in(password=PASSWORD, via="192.0.2.1").status_code == 200


def test_the_pages_where_people_sign_in_count_too(clock: Clock, carol: User) -> None:
    guess(10, carol.email)
    client = APIClient(raise_request_exception=False)
    form = {"username": carol.email, "email": carol.email, "password": PASSWORD}
    for page in ("/session/login/", "/session/", "/admin/login/"):
        client.post(page, form, format="multipart", REMOTE_ADDR=HOME)
        assert "_auth_user_id" not in client.session


def test_accounts_are_made_slowly(clock: Clock, settings: Settings, nobody: APIClient, db: None) -> None:
    settings.RATE_REGISTER = "2/h"
    bodies = [{"email": f"{name}@example.com", "password": PASSWORD} for name in ("dave", "erin", "frank")]
    first, second, third = (nobody.post("/api/v1/register", body, REMOTE_ADDR=HOME) for body in bodies)
    assert first.status_code == second.status_code == 201
    assert first["RateLimit-Policy"] == '"register";q=2;w=3600'
    assert [first["RateLimit"][:14], second["RateLimit"][:14]] == ['"register";r=1', '"register";r=0']
    problem_of(third, 429, "rate_limited")
    assert third["RateLimit"] == f'"register";r=0;t={third["Retry-After"]}'
    assert nobody.post("/api/v1/register", bodies[2], REMOTE_ADDR=ELSEWHERE).status_code == 201


def test_letters_are_sent_slowly(clock: Clock, settings: Settings) -> None:
    settings.RATE_RESET_ACCOUNT, settings.RATE_RESET_ADDRESS = "2/h", "3/h"
    request = RequestFactory().post("/", REMOTE_ADDR=HOME)
    count_password_reset(request, ALICE)
    count_password_reset(request, ALICE.upper())
    with pytest.raises(RateLimited, match="too often"):
        count_password_reset(request, ALICE)
    count_password_reset(request, "bob@example.com")
    with pytest.raises(RateLimited, match="too often"):
        count_password_reset(request, "carol@example.com")


@pytest.mark.parametrize("rate", ["", "1/h"])
def test_a_limit_can_be_switched_off(clock: Clock, settings: Settings, rate: str) -> None:
    settings.RATELIMIT_ENABLE = not rate
    counter = RateCounter("test", rate, "somebody")
    assert [counter.count() for _ in range(3)] == [None, None, None]
    counter.give_back()
