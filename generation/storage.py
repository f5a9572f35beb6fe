"""Where the pictures lie: files that are there whole or not at all."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages


class WholeFileStorage(FileSystemStorage):
    """Writes under a temporary name, syncs, and renames: a crash or a full disk leaves no half picture."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        with _file_in(target.parent) as file:
            try:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).rename(target)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        return name


def _file_in(folder: Path) -> Any:
    """A new file in a folder, which somebody who cleans up may remove as long as it is empty."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return NamedTemporaryFile(prefix=".", dir=folder, delete=False)


def pictures() -> Storage:
    """The storage named `pictures` in the settings."""
    return storages["pictures"]


def has_room() -> bool:
    """Whether the disk has more left than the reserve. Asked first, so that no work is done in vain."""
    return shutil.disk_usage(settings.DATA_DIR).free > settings.STORAGE_RESERVE_BYTES
