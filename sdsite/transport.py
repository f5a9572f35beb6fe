"""Kombu's Redis transport, for workers that outlast a Redis which goes away while they draw."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as ConnectionGone


class Channel(redis.Channel):
    """Says that its connection is gone, in place of an `AttributeError` that would end the worker.

    Tasks that are not acknowledged yet ask for a connection, even when theirs has been given up.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionGone("The channel has lost its connection.")
        return dict(super()._connparams(asynchronous=asynchronous))


class Transport(redis.Transport):
    Channel = Channel


def use() -> None:
    """Have this process speak to a Redis so."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:{Transport.__name__}"))
