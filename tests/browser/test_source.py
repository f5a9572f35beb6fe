"""A picture is chosen, a part of it painted, and sent as it is: by mouse, by keys, by finger."""

import base64
import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.audit import fits, violations
from tests.browser.test_making import MAKING, packet_of, saved
from tests.cluster import wait
from tests.conftest import PASSWORD

SHOW = """async attributes => {
  await import('/static/studio/make/source.js');
  const source = document.createElement('picture-source');
  for (const [name, value] of Object.entries(attributes)) source.setAttribute(name, value);
  window.told = [];
  source.addEventListener('change', () => told.push('change'));
  source.addEventListener('making', event => told.push(event.detail));
  document.querySelector('main').innerHTML = '<h1>Rework</h1>';
  document.querySelector('main').append(source);
}"""
GIVE = """([kind, encoded]) => {
  const file = new File([Uint8Array.from(atob(encoded), sign => sign.charCodeAt(0))], 'house.png');
  if (kind === 'use') return document.querySelector('picture-source').use(file);
  const data = new DataTransfer();
  data.items.add(file);
  const init = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
  const event = kind === 'drop' ? new DragEvent(kind, init) : new ClipboardEvent(kind, init);
  document.querySelector('h1').dispatchEvent(event);
}"""
FIELDS = "document.querySelector('picture-source').fields()"
LIMITS = {"data-max-bytes": 2 * 2**20, "data-max-pixels": 1_000_000}
CHOOSE = "Choose a picture"


def picture(size: tuple[int, int] = (200, 100), kind: str = "PNG", **more: Any) -> bytes:
    """Blue, with a red corner at the upper left."""
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4, size[1] // 4), fill="red")
    content = BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def decoded(uri: str) -> tuple[str, bytes]:
    head, _, encoded = uri.partition(",")
    return head, base64.b64decode(encoded)


@pytest.fixture
def show(page: Page) -> Callable[..., Locator]:
    def show(**attributes: int) -> Locator:
        page.goto("/")
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        page.evaluate(SHOW, LIMITS | named)
        expect(page.get_by_role("button", name=CHOOSE)).to_be_visible()
        return page.locator("picture-source")

    return show


@pytest.fixture
def source(show: Callable[..., Locator]) -> Locator:
    return show()


@pytest.fixture
def client(site: str) -> dict[str, str]:
    body = {"email": f"{uuid.uuid4().hex[:8]}@example.com", "password": PASSWORD}
    answer = requests.post(f"{site}/api/v1/register", json=body, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def give(source: Locator, content: bytes) -> None:
    file = FilePayload(name="house.png", mimeType="image/png", buffer=content)
    source.locator("input[type=file]").set_input_files(file)


def paint(page: Page) -> Locator:
    page.get_by_role("button", name="Paint a part").click()
    stage = page.get_by_role("application", name="Painting area")
    expect(stage).to_be_focused()
    return stage


def mask_of(page: Page) -> Image.Image:
    fields = page.evaluate(FIELDS)
    assert fields["path"] == "/image-manipulator2"
    assert fields["request_type"] == "inpainting"
    head, content = decoded(fields["body"]["mask"])
    assert head == "data:image/png;base64"
    return Image.open(BytesIO(content))


def test_it_works(source: Locator, page: Page) -> None:
    assert page.evaluate(FIELDS) is None
    give(source, picture())
    expect(page.get_by_alt_text("The picture to start from")).to_be_visible()
    expect(page.get_by_role("status").get_by_text("200 by 100 pixels")).to_have_count(1)
    page.get_by_role("slider", name="Strength").press("ArrowLeft")
    fields = page.evaluate(FIELDS)
    assert fields["path"] == "/image-manipulator1"
    assert fields["request_type"] == "image-to-image"
    assert fields["body"]["strength"] == 0.7
    assert decoded(fields["body"]["image"]) == ("data:image/png;base64", picture())
    assert page.evaluate("told") == ["change", "change"]
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name=CHOOSE)).to_be_focused()
    assert page.evaluate(FIELDS) is None


def test_a_mask_is_painted_with_a_mouse(source: Locator, page: Page) -> None:
    give(source, picture())
    box = paint(page).bounding_box()
    assert box is not None
    at = lambda x, y: (box["x"] + box["width"] * x, box["y"] + box["height"] * y)  # noqa: E731
    page.mouse.move(*at(0.25, 0.5))
    page.mouse.down()
    page.mouse.move(*at(0.75, 0.5), steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Eraser").click()
    page.mouse.click(*at(0.5, 0.5))
    page.get_by_role("button", name="Done").click()
    expect(source).to_contain_text("is painted. Only that is made anew.")
    mask = mask_of(page)
    assert (mask.mode, mask.size) == ("1", (200, 100))
    # A brush of a tenth of 200 pixels from 50 to 150, and a hole in its middle.
    assert mask.getbbox() == pytest.approx((40, 40, 160, 60), abs=1)
    assert [bool(mask.getpixel((x, 50))) for x in (30, 45, 80, 100, 120, 155, 170)] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip


def test_a_mask_is_painted_with_the_keys(source: Locator, page: Page) -> None:
    give(source, picture())
    paint(page)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("of the picture is painted")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(
        "65% from the left, 10% from the top: not painted"
    )
    page.keyboard.press("]")
    page.keyboard.press("Space")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Change the painting")).to_be_focused()
    assert mask_of(page).getbbox() == pytest.approx((90, 40, 140, 60), abs=1)


def test_what_is_painted_is_undone_cleared_and_inverted(source: Locator, page: Page) -> None:
    give(source, picture())
    paint(page)
    page.keyboard.press("Space")
    for name in ("Invert", "Clear", "Undo"):
        page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Done").click()
    mask = mask_of(page)
    assert [bool(mask.getpixel(place)) for place in ((0, 0), (100, 50), (199, 99))] == [True, False, True]
    page.get_by_role("button", name="Change the painting").click()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Done").click()
    assert page.evaluate(FIELDS)["path"] == "/image-manipulator1"


def test_two_presses_open_one_painter(source: Locator, page: Page) -> None:
    give(source, picture())
    press = "button => { button.click(); button.click(); }"
    page.get_by_role("button", name="Paint a part").evaluate(press)
    expect(page.get_by_role("application", name="Painting area")).to_be_focused()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(source.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a" + bytes(100), "Choose a PNG, JPEG or WebP file."),
        (b"", "Choose a PNG, JPEG or WebP file."),
        (picture()[:40], "This picture cannot be read"),
        (picture() + bytes(2 * 2**20), "This file has 2.1 MB. Choose one of at most 2 MB"),
        (picture((1001, 1000)), "This picture has 1.1 megapixels. Make it smaller: at most 1 can be used."),
        (picture(save_all=True, append_images=[Image.new("RGB", (200, 100))]), "Choose a still one"),
        (picture(kind="WEBP", save_all=True, append_images=[Image.new("RGB", (200, 100))]), "still one"),
    ],
    ids=["type", "empty", "broken", "bytes", "pixels", "moving PNG", "moving WebP"],
)
def test_a_file_is_refused(source: Locator, page: Page, content: bytes, words: str) -> None:
    give(source, content)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("button", name=CHOOSE)).to_have_accessible_description(
        page.get_by_role("alert").filter(has_text=words).inner_text()
    )
    assert page.evaluate(FIELDS) is None
    give(source, picture())
    expect(page.get_by_alt_text("The picture to start from")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text=words)).to_have_count(0)


@pytest.mark.parametrize(("kind", "is_kept"), [("JPEG", True), ("PNG", False), ("WEBP", False)])
def test_a_picture_that_lies_on_its_side_is_painted_upright(
    source: Locator, page: Page, kind: str, is_kept: bool
) -> None:
    content = picture(kind=kind, exif=turned(6))
    give(source, content)
    paint(page)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Done").click()
    sent = decoded(page.evaluate(FIELDS)["body"]["image"])[1]
    assert (sent == content) is is_kept
    image = Image.open(BytesIO(sent))
    if is_kept:
        assert mask_of(page).size == (image.height, image.width) == (100, 200)
    else:
        assert mask_of(page).size == image.size
        assert image.getexif().get(0x0112, 1) == 1


def test_a_picture_is_dropped_pasted_and_used(source: Locator, page: Page) -> None:
    for number, kind in enumerate(("drop", "paste", "use"), start=1):
        encoded = base64.b64encode(picture((64 * number, 64))).decode()
        page.evaluate(GIVE, [kind, encoded])
        expect(page.get_by_alt_text("The picture to start from")).to_have_attribute("width", str(64 * number))
    assert page.evaluate("document.querySelector('picture-source').use('/static/none.png')") is False
    expect(page.get_by_role("alert").filter(has_text="cannot be fetched")).to_be_visible()


def test_one_of_our_pictures_tells_how_it_was_made(source: Locator, page: Page) -> None:
    give(source, saved("PNG", packet_of(MAKING)))
    assert wait(lambda: page.evaluate("told.length == 2 && told")) == ["change", MAKING]


def test_what_is_cut_off_is_shown(show: Callable[..., Locator], page: Page) -> None:
    source = show(data_width=64, data_height=64)
    give(source, picture())
    expect(source).to_contain_text("What lies outside the frame is cut off")
    shot, frame = (source.locator(name).bounding_box() for name in (".shot", ".shot .crop"))
    assert shot is not None
    assert frame is not None
    assert frame["width"] == pytest.approx(shot["width"] / 2, abs=1)
    assert frame["x"] - shot["x"] == pytest.approx(shot["width"] / 4, abs=1)
    box = paint(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.get_by_role("button", name="Done").click()
    expect(source).to_contain_text("outside the frame: nothing would change")


def test_a_finger_paints_and_does_not_scroll(source: Locator, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    give(source, picture((100, 200)))
    box = paint(page).bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.25), ("touchMove", 0.5), ("touchMove", 0.75)):
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] * share}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_role("button", name="Done").click()
    assert mask_of(page).getbbox() == pytest.approx((40, 40, 60, 160), abs=1)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_it_is_for_everyone(show: Callable[..., Locator], page: Page, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=theme)
    source = show(data_width=64, data_height=64)

    def is_fine() -> bool:
        return violations(page) == [] and fits(page)

    assert is_fine()
    give(source, b"")
    expect(page.get_by_role("alert").filter(has_text="Choose a PNG")).to_be_visible()
    assert is_fine()
    give(source, picture())
    expect(page.get_by_role("slider", name="Strength")).to_be_visible()
    assert is_fine()
    paint(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("painted")
    assert is_fine()
    page.keyboard.press("Escape")
    assert is_fine()


def test_the_service_takes_what_is_painted(
    source: Locator, page: Page, client: dict[str, str], site: str
) -> None:
    give(source, picture((256, 128), kind="JPEG", exif=turned(6)))
    paint(page)
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(source).to_contain_text("is painted")
    fields = page.evaluate(FIELDS)
    body = {"prompt": "a red house", "width": 128, "height": 256, "num_inference_steps": 4} | fields["body"]
    answer = requests.post(f"{site}/api/v1{fields['path']}", json=body, headers=client, timeout=60)
    assert answer.status_code == 200, answer.json()
    drawn = Image.open(BytesIO(base64.b64decode(answer.json()["images"][0]["image"])))
    # Upright, its red corner is the upper right one; what was not painted is as it was.
    assert [largest(drawn.getpixel(place)) for place in ((120, 8), (8, 8), (8, 248), (120, 248))] == [
        0,
        2,
        2,
        2,
    ]


def largest(colour: Any) -> int:
    """Which of red, green and blue there is most of."""
    return max(range(3), key=lambda channel: int(colour[channel]))
