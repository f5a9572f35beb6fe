"""The cast: Alice owns, Bob is a stranger, Carol is staff."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from generation.dispatch import get_exchange, reset_exchange
from generation.models.line import line_memo, pace_memo
from generation.work.worker import Worker
from monitoring import health
from tests import evidence
from tests.letters import delivered

# None that stands in an example: what is found of it was leaked.
PASSWORD = "seven green umbrellas"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="Run what is marked `long` as well.")
    parser.addoption("--mutations", default=2000, help="How many broken pictures are sent in.")
    parser.addoption("--kills", default=3, help="How many processes each test in tests/faults/ kills.")
    parser.addoption("--outage", default=3, help="For how many seconds a server that it needs is gone.")
    parser.addoption("--accepted", default=60, help="How many generations it has accepted before it ends.")


def pytest_sessionstart() -> None:
    evidence.watch_writes()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What looks through everything that the tests leave behind comes last; what takes long is asked for."""
    items.sort(key=lambda item: item.path.name == "test_secrets.py")
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(autouse=True)
def _letters_are_kept() -> Iterator[None]:
    yield
    for message in delivered():
        evidence.keep_mail(message)


@pytest.fixture(autouse=True)
def _drawn_at_once() -> Iterator[None]:
    """Whoever rings draws, in their own thread: what is accepted has ended when the ring is over."""
    worker = Worker()

    def draw() -> None:
        while worker.draw_next():
            pass

    get_exchange().hang_up(draw)
    yield
    reset_exchange()
    line_memo.clear()
    pace_memo.clear()
    health.forget()


def client_of(user: User) -> APIClient:
    """A client that sends a token of this user's."""
    _, secret = AuthToken.objects.issue(user)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com", PASSWORD, display_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", PASSWORD)


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_superuser("carol@example.com", PASSWORD)


@pytest.fixture
def nobody(db: None) -> APIClient:
    """A client without a token."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def as_alice(alice: User) -> APIClient:
    return client_of(alice)


@pytest.fixture
def as_bob(bob: User) -> APIClient:
    return client_of(bob)


@pytest.fixture
def as_carol(carol: User) -> APIClient:
    """Carol with her browser: logged in to the site, no token."""
    client = APIClient(raise_request_exception=False)
    client.force_login(carol)
    return client


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """What a request made in another language leaves behind in this thread."""
    yield
    translation.deactivate()


class Clock:
    """The time that rate limits go by. It stands still unless a test moves it."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Switches rate limits on, with counters of this test's own."""
    settings.RATELIMIT_ENABLE = True
    clock = Clock(1_700_000_000)
    monkeypatch.setattr("django_ratelimit.core.time", clock)
    cache.clear()
    yield clock
    cache.clear()
