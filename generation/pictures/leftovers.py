"""What nobody owns in the storage of pictures: what processes that were killed have left behind."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from generation.models import Generation
from generation.pictures.storage import pictures

AT_ONCE = 500
# Folders lie in those of their day: year, month, day.
DEPTH = 3


def remove_leftovers(before: datetime, *, dry_run: bool = False) -> tuple[int, int]:
    """Remove what nothing was written to since `before`: files that were begun, and folders; say how many of each."""
    begun, folders = list(pictures().half_written(before)), 0
    if not dry_run:
        for name in begun:
            pictures().delete(name)
    for path in _abandoned(before):
        folders += 1
        if not dry_run:
            _remove(path)
    return len(begun), folders


def _abandoned(before: datetime) -> Iterator[str]:
    """The folders of generations that are gone, or that have ended without pictures."""
    for day in _days("", DEPTH):
        ids = list(_ids(_folders(day)))
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            # Files are written before their row is, and looked for before it.
            for orphan in set(some) - Generation.objects.owning_files(some):
                path = f"{day}/{orphan}"
                if _untouched(path, before):
                    yield path


def _days(path: str, depth: int) -> Iterator[str]:
    if depth == 0:
        yield path
        return
    for name in _folders(path):
        if name.isdigit():
            yield from _days(f"{path}/{name}".lstrip("/"), depth - 1)


def _folders(path: str) -> list[str]:
    with suppress(FileNotFoundError):
        return sorted(pictures().listdir(path)[0])
    return []


def _ids(names: list[str]) -> Iterator[UUID]:
    for name in names:
        with suppress(ValueError):
            yield UUID(name)


def _untouched(path: str, before: datetime) -> bool:
    with suppress(FileNotFoundError):
        _, names = pictures().listdir(path)
        return all(pictures().get_modified_time(f"{path}/{name}") < before for name in names)
    return False


def _remove(path: str) -> None:
    _, names = pictures().listdir(path)
    for name in names:
        pictures().delete(f"{path}/{name}")
    with suppress(OSError):
        pictures().delete(path)
