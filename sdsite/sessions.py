"""Sessions in the database, for keys of the form that Django makes."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore


class SessionStore(DatabaseSessionStore):
    """A cookie can hold anything, NUL included, which PostgreSQL refuses to look for: no session has such a key."""

    def _validate_session_key(self, key: Any) -> bool:
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # the stubs leave it out
        return valid and key.isascii() and key.isalnum()
