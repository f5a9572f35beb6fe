"""Behind a proxy that speaks https with the clients, and plain http with the service."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.conftest import PASSWORD
from tests.letters import delivered
from tests.sdsite.test_settings import start

OVER_HTTPS = {"X-Forwarded-Proto": "https", "Host": "testserver"}


@pytest.fixture
def behind_a_proxy(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def sign_in(client: APIClient, **headers: str) -> Any:
    form = {"email": "alice@example.com", "password": PASSWORD}
    return client.post("/session/", form, format="multipart", headers=headers)


@pytest.mark.parametrize(
    ("proxies", "setting"), [("0", "None"), ("1", "('HTTP_X_FORWARDED_PROTO', 'https')")]
)
def test_only_proxies_are_believed(tmp_path: Path, proxies: str, setting: str) -> None:
    shown = start(tmp_path, "SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES=proxies).stdout
    assert shown.strip() == setting


@pytest.mark.usefixtures("behind_a_proxy")
def test_links_in_letters_are_of_https(nobody: APIClient, alice: User) -> None:
    nobody.post("/api/v1/password-reset", {"email": alice.email}, headers=OVER_HTTPS)
    assert "https://testserver/session/?reset=" in delivered()[0].body


@pytest.mark.usefixtures("behind_a_proxy")
def test_cookies_go_over_https_alone(nobody: APIClient, alice: User) -> None:
    answer = sign_in(nobody, **OVER_HTTPS)
    assert {"sessionid", "csrftoken"} <= set(answer.cookies)
    assert all(cookie["secure"] for cookie in answer.cookies.values())


@pytest.mark.usefixtures("behind_a_proxy")
def test_without_https_they_work_all_the_same(nobody: APIClient, alice: User) -> None:
    answer = sign_in(nobody)
    assert "sessionid" in answer.cookies
    assert not any(cookie["secure"] for cookie in answer.cookies.values())


def test_a_client_cannot_pretend(nobody: APIClient, alice: User) -> None:
    answer = sign_in(nobody, **OVER_HTTPS)
    assert not any(cookie["secure"] for cookie in answer.cookies.values())
