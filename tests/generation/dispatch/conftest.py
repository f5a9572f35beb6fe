from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from generation.dispatch.network import NetworkExchange

Make = Callable[[str], NetworkExchange]


@pytest.fixture
def make(settings: Settings) -> Iterator[Make]:
    """Makes exchanges at a Redis, each as one process has it."""
    made: list[NetworkExchange] = []

    def at(address: str) -> NetworkExchange:
        settings.REDIS_URL = settings.CELERY_BROKER_URL = address
        made.append(NetworkExchange())
        return made[-1]

    yield at
    for exchange in made:
        exchange.end()
