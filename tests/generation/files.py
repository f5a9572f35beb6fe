"""What lies in the storage of pictures."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from generation.models import GeneratedImage, Generation
from generation.pictures.storage import pictures


def use_storage(storage: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the pictures of a test there, as `STORAGES` says it. The field of their files has asked for one already."""
    settings.STORAGES = settings.STORAGES | {"pictures": storage}
    monkeypatch.setattr(GeneratedImage._meta.get_field("file"), "storage", storages["pictures"])


def files_of(generation: Generation) -> set[str]:
    """The names of all that lies in a generation's folder."""
    return {path.name for path in Path(pictures().path(generation.folder.path)).glob("*")}


def is_gone(generation: Generation) -> bool:
    """Whether nothing is left of it, not even the folder."""
    return not Path(pictures().path(generation.folder.path)).exists()
