"""What the processes of one installation tell each other: small JSON records over Redis, heard by all."""

import json
import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry

from generation.dispatch.courier import Courier

logger = logging.getLogger(__name__)

CHANNEL = "generation.news"
SECONDS = 1.0
# How often a connection that is silent is tried.
CHECK_EVERY = 5

Record = dict[str, Any]


class Radio:
    """One thread hears what others say, another says; neither is ever waited for.

    `hear` is called with each record of another process, `tune_in` whenever something may have been missed, `turn`
    every second or so.
    """

    def __init__(
        self,
        url: str,
        hear: Callable[[Record], None],
        tune_in: Callable[[], None],
        turn: Callable[[], None],
    ) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=SECONDS,
            socket_connect_timeout=SECONDS,
            health_check_interval=CHECK_EVERY,
            retry=Retry(NoBackoff(), 0),
        )
        self._name = uuid4().hex
        self._hear, self._tune_in, self._turn = hear, tune_in, turn
        self._closing = Event()
        self._speaker = Courier("news", self._publish)
        self._listener = Thread(target=self._live, name="radio", daemon=True)
        self._listener.start()

    def say(self, record: Record) -> None:
        self._speaker.send(record)

    def close(self) -> None:
        self._closing.set()
        self._speaker.close(patience=SECONDS)

    def _publish(self, record: Record) -> None:
        self._redis.publish(CHANNEL, json.dumps(record | {"from": self._name}))

    def _live(self) -> None:
        told = False
        while not self._closing.is_set():
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    pubsub.subscribe(CHANNEL)
                    self._tune_in()
                    told = False
                    self._listen(pubsub)
            except (RedisError, OSError) as error:
                if not told:
                    logger.warning("radio: Redis does not answer (%s)", type(error).__name__)
                told = True
                self._closing.wait(SECONDS)

    def _listen(self, pubsub: PubSub) -> None:
        while not self._closing.is_set():
            message = pubsub.get_message(timeout=SECONDS)
            if message is not None and message["type"] == "message":
                self._receive(message["data"])
            self._turn()

    def _receive(self, data: bytes) -> None:
        try:
            record = json.loads(data)
            if record["from"] != self._name:
                self._hear(record)
        except (ValueError, KeyError, TypeError, AttributeError):
            logger.warning("radio: heard a record that it does not know")
