"""A stranger's file to pixels: what is taken, how it is treated, and what is refused."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from generation.params import IMAGE_MAX_BYTES
from generation.pictures import fitting
from generation.pictures.fitting import LANCZOS, cover
from generation.pictures.guard import ImageRefused, SourceImage, from_base64
from tests.generation.pictures import animation, file_of, png, scene, text_of

WIDTH, HEIGHT = 64, 64


def pixels(image: Image.Image, file_format: str = "PNG", **options: Any) -> np.ndarray[Any, Any]:
    content = SourceImage(file_of(image, file_format, **options)).rgb(WIDTH, HEIGHT)
    return np.frombuffer(content, dtype=np.uint8).reshape(HEIGHT, WIDTH, 3).astype(int)


def refusal(content: bytes) -> str:
    with pytest.raises(ImageRefused) as refused:
        SourceImage(content).rgb(WIDTH, HEIGHT)
    return refused.value.code


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_it_works(file_format: str) -> None:
    expected = np.asarray(ImageOps.fit(scene(), (WIDTH, HEIGHT), LANCZOS)).astype(int)
    assert np.abs(pixels(scene(), file_format) - expected).mean() < 12
    assert np.abs(pixels(scene()) - expected).max() <= 2


@pytest.mark.parametrize("size", [(64, 64), (128, 64), (64, 200), (640, 512)])
def test_it_is_scaled_to_cover_and_cropped_in_the_middle(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = scene(size=(333, 517))
    monkeypatch.setattr(fitting, "STRIP_PIXELS", 5000)
    ours, theirs = cover(image, size, lambda strip: strip), ImageOps.fit(image, size, LANCZOS)
    assert np.abs(np.asarray(ours).astype(int) - np.asarray(theirs)).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_upright(orientation: int) -> None:
    image = scene(size=(90, 60))
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = file_of(image, "PNG", exif=exif)
    source = SourceImage(content)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(content)))
    assert source.size == upright.size
    expected = ImageOps.fit(upright, (WIDTH, 128), LANCZOS).tobytes()
    ours, theirs = (np.frombuffer(data, np.uint8).astype(int) for data in (source.rgb(WIDTH, 128), expected))
    assert np.abs(ours - theirs).max() <= 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_taken(mode: str) -> None:
    image = scene("L").convert("I;16") if mode == "I;16" else scene("L" if mode == "PA" else mode)
    assert pixels(image.convert("RGBA").quantize(9) if mode == "PA" else image).shape == (64, 64, 3)


def test_sixteen_bits_keep_their_shades() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    drawn = pixels(Image.fromarray(ramp))[..., 0]
    assert np.abs(drawn - ramp / 257).max() <= 1


def test_cmyk_is_converted() -> None:
    drawn = pixels(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG")
    assert (drawn.mean((0, 1)) > [200, -1, -1]).all()
    assert (drawn.mean((0, 1)) < [256, 60, 60]).all()


def test_what_is_transparent_lies_on_white() -> None:
    assert (pixels(Image.new("RGBA", (8, 8), (255, 0, 0, 0))) == 255).all()
    half = pixels(Image.new("RGBA", (8, 8), (0, 0, 0, 128)))
    assert (np.abs(half - 127) <= 1).all()


def test_a_transparent_palette_lies_on_white() -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30])
    assert (pixels(image, transparency=0) == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (3000, 1), (2, 5000)])
def test_any_shape_is_taken(size: tuple[int, int]) -> None:
    assert pixels(Image.new("RGB", size, "red")).shape == (HEIGHT, WIDTH, 3)


def test_a_mask_is_black_or_white() -> None:
    mask = SourceImage(file_of(scene("L"))).mask(WIDTH, HEIGHT, of=scene().size)
    assert set(mask) == {0, 255}
    assert set(SourceImage(file_of(Image.new("1", (8, 8), 1))).mask(64, 64, of=(8, 8))) == {255}


def test_a_mask_has_the_size_of_its_image() -> None:
    with pytest.raises(ImageRefused) as refused:
        SourceImage(file_of(scene())).mask(WIDTH, HEIGHT, of=(16, 24))
    assert refused.value.code == "size_differs"


def test_a_mask_is_opaque() -> None:
    opaque = SourceImage(file_of(Image.new("RGBA", (8, 8), "white")))
    assert set(opaque.mask(WIDTH, HEIGHT, of=(8, 8))) == {255}
    with pytest.raises(ImageRefused) as refused:
        SourceImage(file_of(Image.new("RGBA", (8, 8), (255, 255, 255, 254)))).mask(64, 64, of=(8, 8))
    assert refused.value.code == "transparent_mask"


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_animations_are_refused(file_format: str) -> None:
    assert refusal(animation(file_format)) == "animated"


def test_a_second_picture_behind_a_jpeg_does_no_harm() -> None:
    content = file_of(scene(), "MPO", save_all=True, append_images=[scene()])
    assert SourceImage(content).size == scene().size


@pytest.mark.parametrize("file_format", ["GIF", "BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused(file_format: str) -> None:
    assert refusal(file_of(scene(), file_format)) == "unreadable"


def test_a_large_picture_is_refused_by_its_header() -> None:
    assert refusal(png(4001, 4000)) == "too_many_pixels"
    assert refusal(png(20_000, 20_000)) == "too_many_pixels"
    assert refusal(b"\x89PNG" + bytes(IMAGE_MAX_BYTES)) == "too_many_bytes"


def test_too_many_scans_are_refused() -> None:
    content = file_of(scene(), "JPEG", progressive=True)
    assert refusal(content[:-2] + content[-200:] + b"\xff\xda" * 100) == "too_many_scans"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_half_a_file_is_refused(file_format: str) -> None:
    content = file_of(scene(), file_format)
    assert refusal(content[: len(content) // 2]) == "unreadable"


def test_base64_and_data_uris() -> None:
    for file_format in ("png", "jpeg", "webp"):
        content = file_of(scene(), file_format)
        assert from_base64(text_of(content)) == content
        assert from_base64(f"data:image/{file_format};base64,{text_of(content)}") == content


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!", "not_base64"),
        ("aGk", "not_base64"),
        ("aGk=\n", "not_base64"),
        (" aGk=", "not_base64"),
        ("aGk=aGk=", "not_base64"),
        ("aGk=!!\n@@", "not_base64"),
        ("_-_-", "not_base64"),
        ("äöü=", "not_base64"),
        ("data:image/png;base64", "not_base64"),
        ("https://example.com/house.png", "not_base64"),
        ("data:image/png;base64," + text_of(b"\xff\xd8\xff"), "wrong_media_type"),
        ("data:image/svg+xml;base64," + text_of(b"<svg/>"), "wrong_media_type"),
        ("data:,aGk=", "wrong_media_type"),
        ("data:image/png,aGk=", "wrong_media_type"),
        ("A" * (4 * IMAGE_MAX_BYTES // 3 + 8), "too_many_bytes"),
    ],
)
def test_other_texts_are_refused(text: str, code: str) -> None:
    with pytest.raises(ImageRefused) as refused:
        from_base64(text)
    assert refused.value.code == code
    assert text[:30] not in refused.value.message or len(text) < 4
