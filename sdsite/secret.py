"""The signing key of a service that was given none: made once and kept, readable by its owner only."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def secret_key_from(path: Path) -> str:
    """Return the key in `path`, which is written first if it does not exist."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        key = get_random_secret_key()
        file.write(key)
    return key


def _read(path: Path) -> str:
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set and {path} cannot be read: {error.strerror}"
        ) from error
    if not key:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set and {path} is empty; delete the file to get a new key"
        )
    return key
