"""Ten thousand broken files, and bombs: each is taken or refused, and memory stays where it was."""

import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from generation.pictures.guard import ImageRefused, SourceImage, from_base64
from tests.generation.pictures import animation, file_of, png, png_chunk, scene, text_of

# Pytest shows what the guard has silenced.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

MUTATIONS = 10_000
MEMORY_BYTES = 100 * 2**20
URL = "/api/v1/image-manipulator2"
# Of 16383 x 16383 pixels; it takes seconds to make.
HUGE_WEBP = bytes.fromhex("524946461a000000574542505650384c0e0000002ffebfff0f071011fd0f4444ff03")


def good_files() -> list[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        *(file_of(scene(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
        file_of(scene("L").convert("I;16")),
        file_of(scene("P"), transparency=3),
        file_of(scene(), exif=exif),
        file_of(scene(), icc_profile=b"profile" * 20),
        *(file_of(scene(mode), "JPEG", exif=exif) for mode in ("L", "RGB", "CMYK")),
        file_of(scene(), "JPEG", progressive=True),
        file_of(scene(), "MPO", save_all=True, append_images=[scene()]),
        *(file_of(scene(mode), "WEBP", exif=exif) for mode in ("RGB", "RGBA")),
        file_of(scene(), "WEBP", lossless=True),
        animation("PNG"),
        animation("WEBP"),
    ]


def mutated(rng: random.Random, content: bytes) -> bytes:
    broken = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        place = rng.randrange(len(broken)) if broken else 0
        match rng.randrange(6):
            case 0:
                broken[place : place + 1] = rng.randbytes(1)
            case 1:
                broken[place : place + 4] = rng.choice(
                    [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"]
                )
            case 2:
                del broken[place:]
            case 3:
                del broken[place : place + rng.randrange(20)]
            case 4:
                broken[place:place] = rng.randbytes(rng.randrange(20))
            case 5:
                broken[place:place] = broken[: rng.randrange(200)]
    return bytes(broken) if content[:4] != b"\x89PNG" or rng.random() < 0.3 else with_checksums(broken)


def with_checksums(content: bytearray) -> bytes:
    """A PNG whose chunks have right checksums again, so that what is in them is looked at."""
    position = 8
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        end = position + 8 + length
        if end + 4 > len(content):
            break
        content[end : end + 4] = zlib.crc32(content[position + 4 : end]).to_bytes(4, "big")
        position = end + 4
    return bytes(content)


def bombs() -> Iterator[bytes]:
    """Small files that want much memory or time, and files that are something else."""
    zeros = zlib.compress(bytes(2**20 - 1), 9)
    for width, height in [(4001, 4000), (9000, 9000), (13_000, 13_000), (2**31 - 1, 2**31 - 1), (2**30, 1)]:
        yield png(width, height)
    yield from (png(0, 0), png(1, 0), png(4000, 4000), png(4000, 4000, data=bytes(2**22)))
    yield png(4000, 4000, depth=16, colour=6, data=bytes(2**20))
    yield png(16, 16, *[png_chunk(b"zTXt", b"k\0\0" + zeros)] * 63)
    yield png(16, 16, *[png_chunk(b"iTXt", b"k\0\1\0\0\0" + zeros)] * 63)
    yield png(16, 16, png_chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(50 * 2**20), 9)))
    yield png(16, 16, png_chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 5000))
    yield png(16, 16, *[png_chunk(b"tEXt", b"k\0v")] * 20_000)
    yield png(16, 16, data=bytes(60 * 2**20))
    yield png(64, 64, png_chunk(b"acTL", b"\xff" * 8))
    yield file_of(Image.new("L", (5000, 4000)), "PNG")
    yield file_of(Image.new("L", (5000, 4000)), "JPEG")
    yield HUGE_WEBP
    progressive = file_of(Image.new("L", (2000, 2000)), "JPEG", progressive=True)
    last_scan = progressive.rindex(b"\xff\xda")
    yield progressive[:-2] + progressive[last_scan:-2] * 5000 + b"\xff\xd9"
    yield animation("PNG")
    yield animation("WEBP")
    yield from (file_of(scene(), name) for name in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "SGI"))
    yield b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9999 9999\n(x) show\n"
    yield b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield b"\xff\xd8\xff"
    yield b"\x89PNG\r\n\x1a\n"
    yield b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff"
    yield b""


def verdict(content: bytes) -> str:
    try:
        source = SourceImage(from_base64(text_of(content)))
        source.rgb(64, 64)
        source.mask(64, 64, of=source.size)
    except ImageRefused as refused:
        return refused.code
    return "taken"


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.slow
def test_ten_thousand_broken_files_are_taken_or_refused() -> None:
    rng, files = random.Random(2026), good_files()
    assert Counter(map(verdict, files))["taken"] >= 12
    before = resident_bytes()
    verdicts = Counter(verdict(mutated(rng, rng.choice(files))) for _ in range(MUTATIONS))
    assert verdicts["taken"] > MUTATIONS / 100
    assert verdicts["unreadable"] > MUTATIONS / 4
    assert resident_bytes() - before < MEMORY_BYTES


def test_bombs_are_refused_and_leave_memory_as_it_was() -> None:
    files = list(bombs())
    assert len(files) >= 30
    highest = before = resident_bytes()
    for content in files:
        verdict(content)
        highest = max(highest, resident_bytes())
    assert highest - before < MEMORY_BYTES


@pytest.mark.slow
def test_none_of_them_is_an_error_of_the_server(
    use_engine: Callable[[str], Engine], nobody: APIClient, alice: User, pytestconfig: pytest.Config
) -> None:
    use_engine("Noise")
    # To redeem a token takes longer than to refuse a file.
    nobody.force_authenticate(alice)
    rng, files, whole = random.Random(7), good_files(), text_of(file_of(scene()))
    mutations = int(pytestconfig.getoption("mutations"))
    sent = [*files, *bombs(), *(mutated(rng, rng.choice(files)) for _ in range(mutations))]
    highest = before = 0
    for number, content in enumerate(sent):
        image, mask = (text_of(content), whole) if number % 2 else (whole, text_of(content))
        answer = nobody.post(URL, {"prompt": "a boat", "image": image, "mask": mask})
        assert answer.status_code in (200, 400, 402, 413), answer.content
        if answer.status_code == 400:
            problem = answer.json()
            assert problem["code"] == "invalid_image"
            assert problem["errors"][0]["field"] in ("image", "mask")
        # What the first requests load stays; what came with a file has to go.
        before = before or (resident_bytes() if number == len(files) else 0)
        highest = max(highest, resident_bytes())
    assert highest - before < MEMORY_BYTES
