"""What lies in the storage of pictures."""

from pathlib import Path

from generation.models import Generation
from generation.storage import pictures


def files_of(generation: Generation) -> set[str]:
    """The names of all that lies in a generation's folder."""
    return {path.name for path in Path(pictures().path(generation.folder.path)).glob("*")}


def is_gone(generation: Generation) -> bool:
    """Whether nothing is left of it, not even the folder."""
    return not Path(pictures().path(generation.folder.path)).exists()
