"""How a picture was made is read from its file, and strange files say nothing."""

import base64
import json
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page

NAMESPACE = "urn:stable-diffusion-service:making:1.0"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:sd="{NAMESPACE}" %s'
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)
MAKING = {
    "generation": "00000000-0000-0000-0000-000000000005",
    "index": 1,
    "request_type": "image-to-image",
    "prompt": "a \"red\" <house> & 'snow'\n\tünï 家 🏠 \x01 ]]>",
    "negative_prompt": "",
    "seed": 2**32 - 1,
    "num_inference_steps": 20,
    "guidance_scale": 7.5,
    "scheduler": "dpmpp_2m",
    "strength": 0.6,
    "width": 128,
    "height": 64,
    "model": "picturebook",
}
READ = """async content => {
  const { readMaking } = await import('/static/studio/making.js');
  return readMaking(new Blob([Uint8Array.from(atob(content), sign => sign.charCodeAt(0))]));
}"""
FORMATS = ["PNG", "JPEG", "WEBP"]


def saved(kind: str, packet: str, side: int = 64) -> bytes:
    content = BytesIO()
    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", packet)
    more: dict[str, Any] = {"pnginfo": chunks} if kind == "PNG" else {"xmp": packet.encode()}
    Image.effect_noise((side, side), 90).convert("RGB").save(content, kind, **more)
    return content.getvalue()


def packet_of(making: object) -> str:
    return PACKET % f"sd:making={quoteattr(json.dumps(making))}>"


def read(page: Page, content: bytes) -> Any:
    return page.evaluate(READ, base64.b64encode(content).decode())


def test_it_works(page: Page) -> None:
    page.goto("/")
    for kind in FORMATS:
        assert read(page, saved(kind, packet_of(MAKING))) == MAKING


def test_the_end_of_a_large_file_is_read(page: Page) -> None:
    page.goto("/")
    content = saved("WEBP", packet_of(MAKING), side=64)
    assert read(page, content[:-2000] + bytes(3 * 2**20) + content[-2000:]) == MAKING


def test_another_program_may_have_written_it_anew(page: Page) -> None:
    page.goto("/")
    element = f"><sd:making>{json.dumps({'seed': 7})}</sd:making>"
    assert read(page, saved("PNG", PACKET % element)) == {"seed": 7}


def test_what_a_form_cannot_hold_is_left_out(page: Page) -> None:
    page.goto("/")
    strange = {"prompt": {"a": 1}, "seed": "7", "width": None, "height": 64, "unknown": 1}
    assert read(page, saved("PNG", packet_of(strange))) == {"height": 64}


STRANGE = {
    "nothing": b"",
    "torn": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "silent": saved("PNG", PACKET % ">"),
    "half": saved("PNG", PACKET % "sd:making='{'>"),
    "null": saved("PNG", PACKET % "sd:making='null'>"),
    "a list": saved("PNG", PACKET % "sd:making='[]'>"),
    "foreign": saved("PNG", packet_of(MAKING).replace(NAMESPACE, "urn:another")),
    "no XML": saved("PNG", "<x:xmpmeta &<></x:xmpmeta>"),
    "cut": saved("JPEG", packet_of(MAKING))[:400],
}


def test_strange_files_say_nothing(page: Page) -> None:
    page.goto("/")
    assert {name: read(page, content) for name, content in STRANGE.items()} == dict.fromkeys(STRANGE)
