"""What browsers are told of our pages, on every answer."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from sdsite.policies import CONTENT
from tests.conftest import PASSWORD
from tests.generation.conftest import make_engine, use_engine
from tests.sdsite.test_routes import ROUTES
from tests.sdsite.test_settings import start

__all__ = ["make_engine", "use_engine"]

PAGE = {"accept": "text/html"}
STEPS = [f"session/?step={step}" for step in ("signin", "register", "forgotten", "reset", "confirm")]
ERRORS = ["nothing-here", "api/v1/nothing-here", "admin/nothing-here/", "static/nothing-here.css"]
LISTS = ["accounts/user/", "accounts/user/add/", "accounts/ledgerentry/", "generation/generation/"]
PAGES = [*ROUTES, *STEPS, *ERRORS, *(f"admin/{page}" for page in LISTS)]
INLINE = re.compile(
    r"<style|\sstyle\s*=|<[^>]+\son\w+\s*=|<script(?![^>]*\b(?:src=|type=.application/json.))", re.IGNORECASE
)
RELAXED = {"api/v1/redoc": {"style-src 'unsafe-inline'"}}


def policy_of(answer: Any) -> set[str]:
    """Each source that is allowed, with what for."""
    directives = [line.split() for line in answer["Content-Security-Policy"].split(";")]
    return {f"{name} {source}" for name, *sources in directives for source in sources}


STRICT = {f"{name} {source}" for name, sources in CONTENT["DIRECTIVES"].items() for source in sources}


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} < STRICT
    assert {line.split()[1] for line in STRICT} == {"'none'", "'self'", "data:", "blob:"}


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_policies(
    as_carol: APIClient, use_engine: Callable[[str], Engine], path: str
) -> None:
    use_engine("Noise")
    answer = as_carol.get(f"/{path}", headers=PAGE)
    assert policy_of(answer) == STRICT | RELAXED.get(path, set())
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"]
    if answer["Content-Type"].startswith("text/html") and not answer.streaming:
        assert not INLINE.search(answer.content.decode())
    answer.close()


@pytest.mark.parametrize("path", ["enrol", "second-step", "recovery-codes"])
def test_nothing_is_inline_in_the_second_step(as_carol: APIClient, settings: Any, path: str) -> None:
    settings.STAFF_TWO_FACTOR = True
    answer = as_carol.get(f"/admin/{path}/", headers=PAGE, follow=True)
    assert answer.status_code == 200
    assert not INLINE.search(answer.content.decode())


def test_a_page_that_breaks_has_them_too(as_carol: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdsite.staff.site.overview", lambda request: 1 / 0)
    answer = as_carol.get("/admin/", headers=PAGE)
    assert answer.status_code == 500
    assert policy_of(answer) == STRICT


def test_cookies_are_for_the_server_alone(nobody: APIClient, alice: User) -> None:
    form = {"email": alice.email, "password": PASSWORD}
    cookies = nobody.post("/session/", form, format="multipart").cookies
    assert {"sessionid", "csrftoken"} <= set(cookies)
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in cookies.values())


def test_https_for_good_is_promised_where_it_is_asked_for(settings: Any, nobody: APIClient) -> None:
    assert "Strict-Transport-Security" not in nobody.get("/session/", secure=True)
    settings.SECURE_HSTS_SECONDS = 3600
    client = APIClient()
    assert client.get("/session/", secure=True)["Strict-Transport-Security"] == "max-age=3600"
    assert "Strict-Transport-Security" not in client.get("/session/")


@pytest.mark.parametrize(("given", "setting"), [("", "0"), ("31536000", "31536000")])
def test_how_long_is_a_setting(tmp_path: Path, given: str, setting: str) -> None:
    environment = {"SECURE_HSTS_SECONDS": given} if given else {}
    assert start(tmp_path, "SECURE_HSTS_SECONDS", **environment).stdout.strip() == setting
