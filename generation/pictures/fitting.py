"""A picture of any size to exactly the size that is asked for: scaled to cover it, cropped at the centre."""

from collections.abc import Callable
from math import ceil, floor

from PIL import Image

LANCZOS = Image.Resampling.LANCZOS
STRIP_PIXELS = 2**20
# How far Lanczos's filter looks, in pixels of the smaller picture.
REACH = 3

Size = tuple[int, int]
Box = tuple[float, float, float, float]
Convert = Callable[[Image.Image], Image.Image]


def cover(image: Image.Image, size: Size, convert: Convert) -> Image.Image:
    """What `convert(image)` is at this size, by Lanczos's filter.

    Strips of rows are converted and made narrow one at a time, and the narrow picture is made low at the end,
    as `Image.resize` does in its two passes. So a large picture is never in memory twice.
    """
    left, top, right, bottom = _middle(image.size, size)
    used = _reached(image.size, size, (left, top, right, bottom))
    narrow = _stacked(
        [
            _narrowed(convert(image.crop(strip)), size[0], left - used[0], right - used[0])
            for strip in _strips(*used)
        ]
    )
    return narrow.resize(size, LANCZOS, box=(0, top - used[1], size[0], bottom - used[1]))


def _middle(source: Size, size: Size) -> Box:
    """The largest part in the middle of the source that has the proportions of `size`."""
    scale = max(size[0] / source[0], size[1] / source[1])
    width, height = (min(side / scale, whole) for side, whole in zip(size, source, strict=True))
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return left, top, left + width, top + height


def _reached(source: Size, size: Size, box: Box) -> tuple[int, int, int, int]:
    """The pixels that the filter looks at for a part of the source: a few more than it has."""
    left, top, right, bottom = box
    reach = REACH * max(1, (right - left) / size[0])
    low = max(0, floor(left - reach)), max(0, floor(top - reach))
    high = min(source[0], ceil(right + reach)), min(source[1], ceil(bottom + reach))
    return *low, *high


def _strips(left: int, top: int, right: int, bottom: int) -> list[tuple[int, int, int, int]]:
    rows = max(1, STRIP_PIXELS // (right - left))
    return [(left, row, right, min(row + rows, bottom)) for row in range(top, bottom, rows)]


def _narrowed(strip: Image.Image, width: int, left: float, right: float) -> Image.Image:
    return strip.resize((width, strip.height), LANCZOS, box=(left, 0, right, strip.height))


def _stacked(strips: list[Image.Image]) -> Image.Image:
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    row = 0
    for strip in strips:
        whole.paste(strip, (0, row))
        row += strip.height
    return whole
