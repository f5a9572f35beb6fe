"""What this thread works for: the request, the user and the generation that its lines in the log carry.

This stands in the lowest room because every room knows a part of it, and imports nothing: logging is set up with it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
user_id: ContextVar[str] = ContextVar("user_id", default="")
generation_id: ContextVar[str] = ContextVar("generation_id", default="")

TRAIL = {"request_id": request_id, "user_id": user_id, "generation_id": generation_id}


def begin(request: str) -> None:
    """A new request. Its trail stays until this thread's next one: Django logs errors after the last middleware."""
    request_id.set(request)
    user_id.set("")
    generation_id.set("")


@contextmanager
def following(**ids: object) -> Iterator[None]:
    """Work for these within the context, and for whom it was before again after it."""
    with ExitStack() as after:
        for name, value in ids.items():
            variable = TRAIL[name]
            after.callback(variable.reset, variable.set(str(value)))
        yield


def trail() -> dict[str, str]:
    """What is known of it."""
    return {name: value for name, variable in TRAIL.items() if (value := variable.get())}
