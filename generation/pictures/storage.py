"""Where the pictures lie: files that are there whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

# How the name of a file begins that is still being written.
HALF_WRITTEN = "."


class PictureStorage(Storage):
    """What is asked of a storage of pictures beside what Django asks."""

    def is_there(self) -> bool:
        """Whether it could store something now, as far as that can be told without doing it."""
        return True

    def half_written(self, before: datetime) -> Iterator[str]:
        """The files that were begun before then, and never ended."""
        return iter(())


class WholeFileStorage(FileSystemStorage, PictureStorage):
    """Writes under a temporary name, syncs, and renames: a crash or a full disk leaves no half picture."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        with _file_in(target.parent) as file:
            try:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).rename(target)
                # Whoever deletes its generation in this moment has removed the folder along with the file.
                with suppress(FileNotFoundError):
                    _sync(target.parent)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        return name

    def half_written(self, before: datetime) -> Iterator[str]:
        """Named from the root of the storage. One that goes meanwhile is none."""
        for folder, _, names in os.walk(self.location):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):
                    if name.startswith(HALF_WRITTEN) and path.stat().st_mtime < before.timestamp():
                        yield path.relative_to(self.location).as_posix()


def _file_in(folder: Path) -> Any:
    """A new file in a folder, which somebody who cleans up may remove as long as it is empty."""
    while True:
        with suppress(FileNotFoundError):
            _make(folder)
            return NamedTemporaryFile(prefix=HALF_WRITTEN, dir=folder, delete=False)


def _make(folder: Path) -> None:
    """A folder is in the one above it for good before anything is in it."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """What is in a folder, and under which name, outlasts a power cut from here on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pictures() -> PictureStorage:
    """The storage named `pictures` in the settings."""
    return cast(PictureStorage, storages["pictures"])


def has_room() -> bool:
    """Whether the disk has more left than the reserve, and the storage is there. Asked before any work is done."""
    return (
        shutil.disk_usage(settings.DATA_DIR).free > settings.STORAGE_RESERVE_BYTES and pictures().is_there()
    )
