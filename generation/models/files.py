"""The files of a generation: the pictures that came along, and those that were drawn."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile, File

from generation.exceptions import StorageFull
from generation.params import GenerationParams, RequestType
from generation.pictures.pixels import pack, unpack
from generation.pictures.storage import HALF_WRITTEN, pictures

# The pictures that come along with each kind of request.
INPUTS: dict[RequestType, tuple[str, ...]] = {
    RequestType.TEXT_TO_IMAGE: (),
    RequestType.IMAGE_TO_IMAGE: ("image",),
    RequestType.INPAINTING: ("image", "mask"),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files of one generation lie. It knows no row, so it can outlive one."""

    path: str
    inputs: tuple[str, ...]
    output_format: str

    def keep(self, params: GenerationParams) -> None:
        """Store the pictures that came along, without loss. Raises `StorageFull`."""
        try:
            for name in self.inputs:
                content = pack(getattr(params, name), params.width, params.height)
                pictures().save(self.input_path(name), ContentFile(content))
        except OSError as error:
            raise StorageFull from error

    def input_file(self, name: str) -> File:
        """Raises `FileNotFoundError` where it is gone, as it is once the generation has failed or was canceled."""
        return pictures().open(self.input_path(name), "rb")

    def has_input(self, name: str) -> bool:
        return pictures().exists(self.input_path(name))

    def input_pixels(self, name: str) -> bytes:
        """The pixels of a picture that came along; raises as `input_file` does."""
        with self.input_file(name) as file:
            return unpack(file.read())

    def discard(self) -> None:
        """Remove all files, those that came along and those that were drawn, by whichever worker.

        What is still being written has a hidden name; its writer finds that it is not wanted and removes it.
        """
        with suppress(FileNotFoundError):
            _, names = pictures().listdir(self.path)
            self.remove(*(f"{self.path}/{name}" for name in names if not name.startswith(HALF_WRITTEN)))

    def remove(self, *paths: str) -> None:
        """Remove some of its files, and the folder itself once it is empty."""
        for path in paths:
            pictures().delete(path)
        with suppress(OSError):
            pictures().delete(self.path)

    def input_path(self, name: str) -> str:
        return f"{self.path}/{name}.png"

    def picture_path(self, index: int, lease: UUID | None) -> str:
        """Of each worker's own: none overwrites what another has drawn."""
        mark = f"-{lease.hex[:8]}" if lease else ""
        return f"{self.path}/{index}{mark}.{self.output_format}"
