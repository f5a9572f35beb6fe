"""Open streams of events: how many there are, and what each waits for."""

import logging
from collections.abc import Generator, Iterator
from time import monotonic
from uuid import UUID

from django.db import DatabaseError

from accounts.connections import let_go
from generation.api.patience import LOOK_EVERY
from generation.api.places import Places
from generation.api.telling import Teller
from generation.dispatch import Happening, get_exchange

logger = logging.getLogger(__name__)

# Seconds after which something is sent, lest proxies take the connection for dead.
HEARTBEAT = 15.0
HEARTBEAT_COMMENT = b": nothing new\n\n"
RETRY = b"retry: 2000\n\n"
EVERYTHING = frozenset(Happening)

places = Places("EVENT_STREAMS")


class Stream:
    """The events of one generation until its end, in a place that `close` leaves."""

    def __init__(self, generation: UUID, teller: Teller) -> None:
        self._events = events(generation, teller)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Also called where nothing was ever read."""
        self._events.close()
        if self._open:
            self._open = False
            places.leave()


def events(generation: UUID, teller: Teller) -> Generator[bytes, None, None]:
    """A process that is about to end, or has lost the database, ends them: the client comes again and goes on."""
    exchange = get_exchange()
    try:
        with exchange.listening(generation, to=EVERYTHING) as ears:
            yield RETRY
            yield from teller.look()
            spoken_at = monotonic()
            while not (teller.over or exchange.closing):
                let_go()
                heard = ears.hear(LOOK_EVERY)
                news = list(teller.hear(heard))
                if not news and monotonic() - spoken_at > HEARTBEAT:
                    news = [HEARTBEAT_COMMENT]
                if news:
                    yield from news
                    spoken_at = monotonic()
    except DatabaseError as error:
        logger.warning("a stream of events ends early: %s", type(error).__name__)
