"""Every route is closed unless it is listed here."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from tests.problems import problem_of

OPEN = {
    "api/v1/register",
    "api/v1/login",
    "api/v1/password-reset",
    "api/v1/capabilities",
    "api/v1/health-check",
    "api/v1/payments/stripe/webhook",
    "api/v1/schema",
    "api/v1/docs",
    "api/v1/redoc",
}
# What people see before they have signed in: the studio, and where to do so.
OPEN_PAGES = {"", "session/"}
METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {"uuid": str(uuid.uuid4()), "int": "1", "str": "x", "path": "1", "slug": "x"}


def routes() -> Iterator[str]:
    """Every pattern of the project, with a sample in place of each parameter."""
    yield from _routes(get_resolver().url_patterns, "")


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield _sample(route)


def _sample(route: str) -> str:
    route = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route)
    return route.replace("^", "").replace("$", "").replace("\\", "")


ROUTES = sorted(set(routes()))


def test_few_routes_are_open_and_all_of_them_are_there() -> None:
    assert len(OPEN) <= 10
    assert set(ROUTES) >= OPEN | OPEN_PAGES
    assert len(ROUTES) > 40


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in OPEN | OPEN_PAGES])
def test_a_closed_route_is_closed(nobody: APIClient, route: str) -> None:
    """To a stranger from afar: machines near by may ask how a process is."""
    nobody.defaults["REMOTE_ADDR"] = "203.0.113.9"
    if route.startswith("api/"):
        problem_of(nobody.options(f"/{route}"), 401, "not_authenticated")
    for method in METHODS:
        answer = getattr(nobody, method)(f"/{route}")
        if route.startswith("api/"):
            problem_of(answer, 401, "not_authenticated")
        elif answer.status_code not in (403, 404, 405):
            assert answer.status_code == 302, (method, answer.status_code)
            assert answer["Location"].startswith(("/admin/", "/session/"))
            assert not answer.content
