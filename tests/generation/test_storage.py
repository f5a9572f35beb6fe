"""Files in a folder are there whole or not at all, and outlast a power cut once they are."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from generation.pictures import storage
from generation.pictures.storage import WholeFileStorage, has_room

NAME = "2026/11/25/id/0.png"


class Breaking(ContentFile):
    """Breaks while it is copied, as a full disk does."""

    def read(self, *_: Any) -> bytes:
        raise OSError(28, "No space left on device")


def test_it_works(tmp_path: Path) -> None:
    files = WholeFileStorage(location=tmp_path)
    assert files.save(NAME, ContentFile(b"first")) == NAME
    assert (tmp_path / NAME).read_bytes() == b"first"
    other = files.save(NAME, ContentFile(b"second"))
    assert other != NAME
    assert (tmp_path / NAME).read_bytes() == b"first"


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        WholeFileStorage(location=tmp_path).save(NAME, Breaking(b""))
    assert not list((tmp_path / NAME).parent.iterdir())


def test_what_is_stored_is_synced_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First what is in the file, and when it has its name, the folder; a new folder is synced in the one above it."""
    synced: list[list[str] | str] = []

    def fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append(os.listdir(descriptor) if is_folder else "file")

    monkeypatch.setattr(storage.os, "fsync", fsync)
    WholeFileStorage(location=tmp_path).save("2026/id/0.png", ContentFile(b"first"))
    assert synced == [["2026"], ["id"], "file", ["0.png"]]


def test_no_picture_is_begun_below_the_reserve(settings: Any) -> None:
    assert has_room()
    settings.STORAGE_RESERVE_BYTES = 2**60
    assert not has_room()
