"""What somebody who traces is told: how long a piece of work took, and for which request.

This stands in the lowest room because every room does some of it. Nobody is told anything before `trace_with`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from accounts.trail import trail


class Span(Protocol):
    """A piece of work that is being done."""

    def update_name(self, name: str) -> None: ...

    def set_attribute(self, key: str, value: str | int) -> None: ...


class Untold:
    """Nobody traces."""

    def update_name(self, name: str) -> None:
        pass

    def set_attribute(self, key: str, value: str | int) -> None:
        pass


# Begins a span that belongs to a request, by the request's id.
Begin = Callable[[str, str], AbstractContextManager[Span]]

_begin: Begin | None = None


def trace_with(begin: Begin | None) -> None:
    global _begin
    _begin = begin


@contextmanager
def span(name: str) -> Iterator[Span]:
    """Tell how long the context lasts, and what it belongs to once it ends."""
    if _begin is None:
        yield Untold()
        return
    with _begin(name, trail().get("request_id", "")) as told:
        try:
            yield told
        finally:
            for key, value in trail().items():
                told.set_attribute(key, value)
