from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from generation.models import Generation, Hook, Origin, Picture, WebhookDelivery, WebhookEvent
from generation.params import GenerationParams
from generation.webhooks.sending import send
from tests import receiver as receivers
from tests.receiver import Receiver

SITE = "https://pictures.example/"
LOOPBACK = ip_network("127.0.0.0/8")
Hooked = Callable[..., Generation]


class Clock:
    """The service's time. It stands still unless a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def forward(self, pause: timedelta) -> None:
        self.now += pause


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(timezone.now())
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A server on this machine, which may be told."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [LOOPBACK]
    with receivers.running() as server:
        yield server


@pytest.fixture
def hooked(alice: User, params: Callable[..., GenerationParams]) -> Hooked:
    """Accepts a generation that nothing runs, with a webhook."""

    def make(
        url: str, events: tuple[str, ...] = tuple(WebhookEvent.values), user: User = alice, **changes: Any
    ) -> Generation:
        origin = Origin("request-1", webhook=Hook(url, events, SITE))
        return Generation.objects.submit(user, params(**changes), model="tiny", cost=1, origin=origin)

    return make


@pytest.fixture
def waiting(hooked: Hooked, receiver: Receiver) -> WebhookDelivery:
    """One delivery, of a generation that succeeded."""
    succeed(hooked(receiver.url, (WebhookEvent.SUCCEEDED,)))
    return WebhookDelivery.objects.get()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Has every name resolve to these addresses, one list after the other; the last for good. Gives the names asked."""

    def use(*answers: list[str]) -> list[str]:
        left, asked = list(answers), list[str]()

        def look_up(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            addresses = left.pop(0) if len(left) > 1 else left[0]
            return [(0, 0, 0, "", (address, port)) for address in addresses]

        monkeypatch.setattr("generation.webhooks.addresses.getaddrinfo", look_up)
        return asked

    return use


def start(generation: Generation) -> bool:
    return generation.take_up(uuid4(), timezone.now() + timedelta(minutes=1))


def succeed(generation: Generation) -> None:
    assert generation.succeed([Picture(0, 7, b"first")])


def send_due() -> None:
    """One try of everything that is due."""
    due = []
    while (delivery := WebhookDelivery.objects.claim()) is not None:
        due.append(delivery)
    for delivery in due:
        send(delivery)


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are connected to; none of them answers."""
    addresses: list[str] = []

    def refuse(place: tuple[str, int], _timeout: float) -> None:
        addresses.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("generation.webhooks.connection.create_connection", refuse)
    return addresses
