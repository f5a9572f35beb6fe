"""How a worker hears that there is work, and how whoever waits hears what became of it.

The row is the truth: what is told here is a hint to look at it, and may be lost. It lies below the models, so that
whatever changes a row can tell of it, and imports no worker, so that a process that never draws never loads torch.
"""

from pkgutil import resolve_name
from threading import Lock

from django.conf import settings

from generation.dispatch.ears import Ears
from generation.dispatch.events import ENDS, Event, Happening
from generation.dispatch.exchange import Exchange

__all__ = ["ENDS", "Ears", "Event", "Exchange", "Happening", "get_exchange", "reset_exchange"]

_lock = Lock()
_exchange: Exchange | None = None


def get_exchange() -> Exchange:
    """The process's exchange, of the class that the settings name."""
    global _exchange
    with _lock:
        if _exchange is None:
            _exchange = resolve_name(settings.EXCHANGE)()
        return _exchange


def reset_exchange() -> None:
    """Close the exchange; the next `get_exchange` makes a new one."""
    global _exchange
    with _lock:
        exchange, _exchange = _exchange, None
    if exchange is not None:
        exchange.close()
        exchange.end()
