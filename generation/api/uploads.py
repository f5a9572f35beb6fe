"""Large bodies: taken in on disk, however slowly they come, and parsed a few at a time."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any, cast

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.settings import api_settings

from accounts.connections import let_go

# A body of the largest size takes up to 300 MB while it is parsed and its pictures are decoded.
AT_ONCE = 2
IN_MEMORY_BYTES = 2**18

_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is here and was not looked into yet."""

    file: IO[bytes]
    media_type: str | None
    context: Mapping[str, Any] | None


class SpoolingParser(BaseParser):
    """Makes `request.data` an `Upload`, to be read by `in_turn`."""

    media_type = "application/json"

    def parse(  # type: ignore[override]  # what is not a mapping is not looked into by DRF either
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Upload:
        let_go()
        file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(settings.DATA_DIR))  # noqa: SIM115
        shutil.copyfileobj(stream, file)
        file.seek(0)
        return Upload(file, media_type, parser_context)


def digest_of(body: Any) -> str:
    """SHA-256 of an upload as it came in."""
    if not isinstance(body, Upload):
        return sha256().hexdigest()
    digest = file_digest(cast("Any", body.file), "sha256")
    body.file.seek(0)
    return digest.hexdigest()


@contextmanager
def in_turn(body: Any) -> Iterator[Any]:
    """The content of an upload, for as long as it is this one's turn; then it is gone from memory and disk.

    A request without a body has no upload, and is passed on as it is.
    """
    if not isinstance(body, Upload):
        yield body
        return
    parser = cast("type[BaseParser]", api_settings.DEFAULT_PARSER_CLASSES[0])()
    let_go()
    with body.file, _turns:
        yield parser.parse(body.file, body.media_type, body.context)
