"""A stranger's file to pixels.

It is opened as one of three formats and no other, its size is read from its header before any pixel is
decoded, and whatever is wrong with it is one error with a stable word.
"""

import binascii
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import ceil

from django.utils.translation import gettext
from PIL import ExifTags, Image, PngImagePlugin

from generation.params import IMAGE_MAX_BYTES, IMAGE_MAX_PIXELS
from generation.pictures.fitting import Convert, cover

MASK_THRESHOLD = 128
DATA_URI = re.compile(r"data:([^,]{0,100}),", re.IGNORECASE)
MAX_CHARACTERS = 4 * ceil(IMAGE_MAX_BYTES / 3)

FORMATS = ["PNG", "JPEG", "WEBP"]
# Cameras put a second picture behind the first of a JPEG, which is no animation.
MAY_BE_ANIMATED = ("PNG", "WEBP")
# Each scan of a progressive JPEG goes over all of its pixels, and encoders write about ten.
MAX_SCANS = 100
START_OF_SCAN = b"\xff\xda"
# Pillow unpacks all that a PNG says about itself, and keeps up to 64 MB of it unless told otherwise.
PngImagePlugin.MAX_TEXT_MEMORY = PngImagePlugin.MAX_TEXT_CHUNK
# It also warns of odd files, each time in other words, which Python would remember for ever.
warnings.filterwarnings("ignore", module=r"PIL\.")

# What Pillow raises for files that are not what they say.
UNREADABLE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# How to turn a picture upright, by its EXIF orientation.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = (5, 6, 7, 8)


class ImageRefused(Exception):
    """A file that is no picture we take; `code` is the stable word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def from_base64(text: str) -> bytes:
    """The bytes of strict base64, or of a data URI of it whose media type fits them."""
    uri = DATA_URI.match(text)
    encoded = text[uri.end() :] if uri else text
    if len(encoded) > MAX_CHARACTERS:
        raise _too_many_bytes()
    try:
        content = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        told = gettext("Must be base64 without white space, or a data URI of it.")
        raise ImageRefused("not_base64", told) from None
    if uri and uri[1].lower() != f"{_media_type(content)};base64":
        told = gettext("The data URI names another media type than the file has.")
        raise ImageRefused("wrong_media_type", told)
    return content


def _media_type(content: bytes) -> str:
    starts = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"RIFF": "image/webp"}
    return next((name for start, name in starts.items() if content.startswith(start)), "")


class SourceImage:
    """A stranger's picture, decoded. To make or to use one may raise `ImageRefused`."""

    def __init__(self, content: bytes) -> None:
        if len(content) > IMAGE_MAX_BYTES:
            raise _too_many_bytes()
        self._image = _opened(content)
        with _refusing():
            self._image.load()
            self._orientation = self._image.getexif().get(ExifTags.Base.Orientation, 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        return self._upright(*self._image.size)

    def rgb(self, width: int, height: int) -> bytes:
        """Rows of RGB bytes, `width * height * 3` of them. What is transparent lies on white."""
        return self._fit(width, height, _on_white).tobytes()

    def mask(self, width: int, height: int, *, of: tuple[int, int]) -> bytes:
        """One byte a pixel: 255 where it is bright, 0 where it is dark. It must be as large as its image."""
        if self.size != of:
            told = gettext("Must have the size of the image, {width} x {height}.")
            raise ImageRefused("size_differs", told.format(width=of[0], height=of[1]))
        grey = self._fit(width, height, _opaque_grey)
        return grey.point([255 if value >= MASK_THRESHOLD else 0 for value in range(256)]).tobytes()

    def _fit(self, width: int, height: int, convert: Convert) -> Image.Image:
        """Turned upright last, when it is small: the middle stays the middle."""
        with _refusing():
            covered = cover(self._image, self._upright(width, height), convert)
            turn = UPRIGHT.get(self._orientation)
            return covered if turn is None else covered.transpose(turn)

    def _upright(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self._orientation in LYING else (width, height)


def _opened(content: bytes) -> Image.Image:
    """The image with its header read, and nothing more."""
    if content.startswith(b"\xff\xd8") and content.count(START_OF_SCAN) > MAX_SCANS:
        told = gettext("Must have at most {most} scans.")
        raise ImageRefused("too_many_scans", told.format(most=MAX_SCANS))
    with _refusing():
        image = Image.open(BytesIO(content), formats=FORMATS)
    if image.width * image.height > IMAGE_MAX_PIXELS:
        raise _too_many_pixels()
    if image.format in MAY_BE_ANIMATED and getattr(image, "is_animated", False):
        raise ImageRefused("animated", gettext("Must be a still picture."))
    return image


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except UNREADABLE:
        message = gettext("Must be a whole and readable PNG, JPEG or WebP file.")
        raise ImageRefused("unreadable", message) from None


def _too_many_bytes() -> ImageRefused:
    told = gettext("Must have at most {most} bytes.")
    return ImageRefused("too_many_bytes", told.format(most=IMAGE_MAX_BYTES))


def _too_many_pixels() -> ImageRefused:
    told = gettext("Must have at most {most} pixels.")
    return ImageRefused("too_many_pixels", told.format(most=IMAGE_MAX_PIXELS))


def _on_white(strip: Image.Image) -> Image.Image:
    strip = _eight_bits(strip)
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")


def _opaque_grey(strip: Image.Image) -> Image.Image:
    """Transparency is refused: some programs paint what is transparent, others what is not."""
    strip = _eight_bits(strip)
    if strip.has_transparency_data and strip.convert("RGBA").getchannel("A").getextrema() != (255, 255):
        told = gettext("Must not be transparent: white is painted, black is kept.")
        raise ImageRefused("transparent_mask", told)
    return strip.convert("RGB").convert("L")


def _eight_bits(strip: Image.Image) -> Image.Image:
    """Pillow cuts off what is above 255 when it makes 8 bits of 16."""
    if not strip.mode.startswith("I"):
        return strip
    return strip.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
