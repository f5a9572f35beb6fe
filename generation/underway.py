"""The generations that this process is drawing: how far they are, and how to stop one.

It lies below the models, so that whatever cancels a row stops the drawing as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from generation.engine.ticket import Ticket

_tickets: dict[UUID, Ticket] = {}


@contextmanager
def drawing(generation: UUID, ticket: Ticket) -> Iterator[None]:
    """Let others see and stop the ticket for as long as the context lasts."""
    _tickets[generation] = ticket
    try:
        yield
    finally:
        ticket.cancel()
        del _tickets[generation]


def progress(generation: UUID) -> float:
    """The share of its steps that are done; 0 where this process does not draw it."""
    ticket = _tickets.get(generation)
    return ticket.progress if ticket else 0.0


def stop(generation: UUID) -> None:
    """Have the engine leave it at its next step, if this process draws it."""
    ticket = _tickets.get(generation)
    if ticket is not None:
        ticket.cancel()
