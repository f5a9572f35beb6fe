"""Archives that are written while they are sent, and never held as a whole."""

from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import Any
from zipfile import ZipFile, ZipInfo

from django.core.files.base import File
from django.http import StreamingHttpResponse
from django.utils import timezone

# A name, how it is compressed, and the content.
Entry = tuple[str, int, Iterable[bytes]]


class Outlet(RawIOBase):
    """Where an archive is written to, and taken from piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def archive_response(entries: Iterable[Entry], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(archive(entries), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def archive(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of the archive, as far as it is written."""
    outlet, now = Outlet(), timezone.now().timetuple()[:6]
    with ZipFile(outlet, "w") as written:
        for name, compression, content in entries:
            info = ZipInfo(name, now)
            info.compress_type = compression
            with written.open(info, "w", force_zip64=True) as entry:
                for piece in content:
                    entry.write(piece)
                    yield outlet.take()
    yield outlet.take()


def chunks(file: File) -> Iterator[bytes]:
    with file:
        yield from file.chunks()
