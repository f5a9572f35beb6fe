"""Where the pictures lie: files that are there whole or not at all."""

import os
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages


class WholeFileStorage(FileSystemStorage):
    """Writes under a temporary name, syncs, and renames: a crash or a full disk leaves no half picture."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(prefix=".", dir=target.parent, delete=False) as file:
            try:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).rename(target)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        return name


def pictures() -> Storage:
    """The storage named `pictures` in the settings."""
    return storages["pictures"]


def has_room() -> bool:
    """Whether the disk has more left than the reserve. Asked first, so that no work is done in vain."""
    return shutil.disk_usage(settings.DATA_DIR).free > settings.STORAGE_RESERVE_BYTES
