"""Connections to the database are few where threads share a pool of them, so none is held through a long wait.

This stands in the lowest room because every room waits for something.
"""

from django.db import close_old_connections, connection


def let_go() -> None:
    """Give this thread's connection back to the pool. Where there is none it is kept, as it is in a transaction."""
    if not connection.in_atomic_block:
        close_old_connections()
