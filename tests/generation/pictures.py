"""Files of pictures, good and bad, for tests of what comes in."""

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

SIZE = (24, 16)


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A smooth picture: red to the right, green downwards."""
    ramp = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    ramp[..., 0] = np.linspace(0, 255, size[0])[None, :]
    ramp[..., 1] = np.linspace(0, 255, size[1])[:, None]
    return Image.fromarray(ramp).convert(mode)


def file_of(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG file whose header says this, and whose pixels are `data`, if any."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def animation(file_format: str) -> bytes:
    return file_of(
        scene(),
        file_format,
        save_all=True,
        append_images=[scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT)],
        duration=50,
    )
