from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from generation.params import OutputFormat
from generation.pictures.pixels import encode


@pytest.fixture
def image() -> Image.Image:
    ramp = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3)
    return Image.fromarray(ramp.astype(np.uint8))


@pytest.mark.parametrize("output_format", list(OutputFormat))
def test_the_bytes_are_a_file_of_the_format(image: Image.Image, output_format: OutputFormat) -> None:
    decoded = Image.open(BytesIO(encode(image, output_format, 90)))
    assert (decoded.format, decoded.size) == (output_format.name, (64, 48))


def test_png_loses_nothing(image: Image.Image) -> None:
    decoded = Image.open(BytesIO(encode(image, OutputFormat.PNG, 90)))
    assert np.array_equal(np.asarray(decoded), np.asarray(image))


@pytest.mark.parametrize("output_format", [OutputFormat.JPEG, OutputFormat.WEBP])
def test_less_quality_makes_a_smaller_file(image: Image.Image, output_format: OutputFormat) -> None:
    assert len(encode(image, output_format, 10)) < len(encode(image, output_format, 95))
