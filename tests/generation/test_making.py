"""Pictures carry how they were made, where other programs look for it, and no prompt if their owner says so."""

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import numpy as np
import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from PIL import ExifTags, Image
from rest_framework.test import APIClient

from accounts.models import User
from generation.engine import Engine
from generation.params import GenerationParams, OutputFormat
from generation.pictures.guard import SourceImage
from generation.pictures.making import Making
from generation.pictures.pixels import encode
from tests.generation.pictures import scene, text_of

URL = "/api/v1/text-to-image-generator"
XMP = "{http://ns.adobe.com/xap/1.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
MAKING = "{urn:stable-diffusion-service:making:1.0}making"
EVERY_FORMAT = pytest.mark.parametrize("output_format", list(OutputFormat))
# What XML escapes, what it forbids, what ends a line, what takes two units of UTF-16.
HARD = "a \"red\" <house> & 'snow' ]]>\r\n\tünï 家 🏠 \x01\x0b\x7f\x85\ufffe\uffff {0} %s\u2028end"


@pytest.fixture(autouse=True)
def _engine(use_engine: Callable[[str], Engine]) -> None:
    use_engine("Noise")


@pytest.fixture
def make(params: Callable[..., GenerationParams]) -> Callable[..., Making]:
    def make(tells_prompts: bool = True, model: str = "tiny", **changes: object) -> Making:
        return Making(
            generation=UUID(int=5),
            index=0,
            seed=7,
            model=model,
            params=params(**changes),
            made_at=timezone.now(),
            tells_prompts=tells_prompts,
        )

    return make


def draw(client: APIClient, **body: Any) -> dict[str, Any]:
    answer = client.post(URL, {"prompt": "a red house", "seed": 7} | body)
    assert answer.status_code == 200, answer.content
    drawn: dict[str, Any] = answer.json()
    return drawn


def contents(drawn: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(image["image"]) for image in drawn["images"]]


def packet_of(content: bytes) -> ElementTree.Element:
    description = ElementTree.fromstring(Image.open(BytesIO(content)).info["xmp"]).find(
        f".//{RDF}Description"
    )
    assert description is not None
    return description


def making_of(content: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(packet_of(content).attrib[MAKING])
    return facts


def words_of(content: bytes) -> str:
    """What other programs read: of a PNG its text, else the comment in its EXIF."""
    image = Image.open(BytesIO(content))
    if image.format == "PNG":
        return str(image.info["parameters"])
    comment: bytes = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    assert comment.startswith(b"UNICODE\0")
    return comment[8:].decode("utf-16-be")


@EVERY_FORMAT
def test_it_works(as_alice: APIClient, output_format: OutputFormat) -> None:
    drawn = draw(as_alice, negative_prompt="fog", num_images=2, output_format=output_format)
    second = contents(drawn)[1]
    assert making_of(second) == {
        "generation": drawn["id"],
        "index": 1,
        "request_type": "text-to-image",
        "prompt": "a red house",
        "negative_prompt": "fog",
        "seed": 8,
        "num_inference_steps": 2,
        "guidance_scale": 7.5,
        "scheduler": "ddim",
        "strength": None,
        "width": 64,
        "height": 64,
        "model": "fake",
    }
    assert words_of(second) == (
        "a red house\nNegative prompt: fog\n"
        "Steps: 2, Sampler: DDIM, CFG scale: 7.5, Seed: 8, Size: 64x64, Model: fake"
    )


@EVERY_FORMAT
def test_what_every_program_knows(as_alice: APIClient, output_format: OutputFormat) -> None:
    drawn = draw(as_alice, output_format=output_format)
    packet = packet_of(contents(drawn)[0])
    assert packet.attrib[SOURCE_TYPE] == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert packet.attrib[f"{XMP}CreatorTool"] == "stable-diffusion-service"
    assert packet.attrib[f"{DC}identifier"] == drawn["id"]
    made_at = parse_datetime(packet.attrib[f"{XMP}CreateDate"])
    assert made_at is not None
    assert abs((timezone.now() - made_at).total_seconds()) < 60
    (told,) = packet.findall(f"{DC}description/{RDF}Alt/{RDF}li")
    assert (told.text, told.attrib) == (
        "a red house",
        {"{http://www.w3.org/XML/1998/namespace}lang": "x-default"},
    )


@pytest.mark.parametrize("output_format", [OutputFormat.JPEG, OutputFormat.WEBP])
def test_what_stands_in_exif(as_alice: APIClient, output_format: OutputFormat) -> None:
    (content,) = contents(draw(as_alice, prompt="ein rotes Häuschen", output_format=output_format))
    exif = Image.open(BytesIO(content)).getexif()
    assert exif[ExifTags.Base.Software] == "stable-diffusion-service"
    assert "ein rotes Häuschen".encode() in content
    assert exif.endian == ">"


def test_what_stands_in_a_png(as_alice: APIClient) -> None:
    (content,) = contents(draw(as_alice))
    info = Image.open(BytesIO(content)).info
    assert (info["Software"], info["Description"]) == ("stable-diffusion-service", "a red house")
    assert b"iTXtXML:com.adobe.xmp\0" in content


@EVERY_FORMAT
def test_prompts_are_told_nowhere_if_their_owner_says_so(
    as_alice: APIClient, alice: User, output_format: OutputFormat
) -> None:
    alice.prompts_in_pictures = False
    alice.save()
    (content,) = contents(
        draw(as_alice, prompt="my secret", negative_prompt="my fear", output_format=output_format)
    )
    for text in ("my secret", "my fear"):
        for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
            assert text.encode(encoding) not in content
    assert making_of(content).keys().isdisjoint({"prompt", "negative_prompt"})
    assert making_of(content)["seed"] == 7
    assert packet_of(content).find(f"{DC}description") is None
    assert words_of(content).startswith("Steps: 2, Sampler: DDIM")


@pytest.mark.parametrize("path", ["image-manipulator1", "image-manipulator2"])
def test_a_picture_of_a_picture(as_alice: APIClient, path: str) -> None:
    (first,) = contents(draw(as_alice))
    body = {"prompt": "at night", "image": text_of(first), "strength": 0.5, "guidance_scale": 1}
    if path == "image-manipulator2":
        body["mask"] = text_of(encode(scene("L", (64, 64)), OutputFormat.PNG, 90))
    drawn = as_alice.post(f"/api/v1/{path}", body).json()
    (content,) = contents(drawn)
    facts = making_of(content)
    assert (facts["request_type"], facts["strength"]) == (drawn["request_type"], 0.5)
    assert "CFG scale: 1, " in words_of(content)
    assert words_of(content).endswith("Model: fake, Denoising strength: 0.5")


@EVERY_FORMAT
def test_no_character_breaks_it(make: Callable[..., Making], output_format: OutputFormat) -> None:
    making = make(prompt=HARD, negative_prompt=HARD)
    content = encode(scene(size=(64, 64)), output_format, 90, making)
    assert making_of(content)["prompt"] == making_of(content)["negative_prompt"] == HARD
    (told,) = packet_of(content).findall(f".//{RDF}li")
    forbidden = dict.fromkeys([0x01, 0x0B, 0xFFFE, 0xFFFF])
    assert told.text == HARD.translate(forbidden)
    assert words_of(content).startswith(f"{HARD}\nNegative prompt: {HARD}\nSteps: 2")


@EVERY_FORMAT
@pytest.mark.parametrize("character", ["🏠", '"', "&", "\x01", "家"])
def test_the_longest_prompts_fit(
    make: Callable[..., Making], output_format: OutputFormat, character: str
) -> None:
    prompt = character * 2000
    making = make(prompt=prompt, negative_prompt=prompt, model=character * 200)
    content = encode(scene(size=(64, 64)), output_format, 90, making)
    assert making_of(content)["negative_prompt"] == prompt
    assert len(Image.open(BytesIO(content)).info["xmp"]) < 60_000


def test_a_models_name_ends_no_value(make: Callable[..., Making]) -> None:
    assert make(model="dreamy, v1").in_words().endswith(', Model: "dreamy, v1"')
    assert make(model="owner/name").in_words().endswith(", Model: owner/name")


@EVERY_FORMAT
def test_the_pixels_are_the_same(make: Callable[..., Making], output_format: OutputFormat) -> None:
    with_it, without = (
        Image.open(BytesIO(encode(scene(size=(64, 64)), output_format, 90, making)))
        for making in (make(), None)
    )
    assert np.array_equal(np.asarray(with_it), np.asarray(without))


@EVERY_FORMAT
def test_such_a_file_may_go_in_again(make: Callable[..., Making], output_format: OutputFormat) -> None:
    content = encode(scene(size=(64, 64)), output_format, 100, make(prompt="🏠" * 2000))
    assert SourceImage(content).size == (64, 64)
