"""Two pictures over each other, and an edge that is moved by keys, mouse and finger."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.audit import fits, violations

SHOW = """async ([before, after]) => {
  await import('/static/studio/make/compare.js');
  document.querySelector('main').innerHTML = '<h1>Compare</h1>';
  const element = document.createElement('before-after');
  Object.assign(element, { before, after, beforeAlt: 'A red square', afterAlt: 'A blue square' });
  element.setAttribute('width', 128);
  element.setAttribute('height', 64);
  document.querySelector('main').append(element);
}"""


def picture(colour: str, size: tuple[int, int]) -> str:
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


@pytest.fixture
def shown(page: Page) -> Locator:
    page.goto("/")
    page.evaluate(SHOW, [picture("red", (64, 64)), picture("blue", (128, 64))])
    expect(page.locator("before-after")).to_be_visible()
    return page.locator("before-after")


def colours(shown: Locator) -> list[tuple[int, ...]]:
    """What is seen at a tenth, three tenths … of the width, at the top."""
    image = Image.open(BytesIO(shown.screenshot())).convert("RGB")
    return [image.getpixel((image.width * tenth // 10, image.height // 8)) for tenth in (1, 3, 7, 9)]  # type: ignore[misc]


def test_it_works(shown: Locator, page: Page) -> None:
    red, blue = (255, 0, 0), (0, 0, 255)
    assert colours(shown) == [red, red, blue, blue]
    slider = page.get_by_role("slider", name="Before and after")
    slider.press("Home")
    assert colours(shown) == [blue, blue, blue, blue]
    slider.press("End")
    assert colours(shown) == [red, red, red, red]
    expect(slider).to_have_attribute("aria-valuetext", "100% of the picture is as it was before")


def test_it_is_dragged(shown: Locator, page: Page) -> None:
    box = shown.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 5, box["y"] + 40)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
    expect(page.get_by_role("slider")).to_have_value("20")
    expect(page.get_by_role("slider")).to_be_focused()


def test_its_place_is_kept_before_the_pictures_come(page: Page) -> None:
    page.goto("/")
    page.evaluate(SHOW, ["", ""])
    box = page.locator("before-after").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(2 * box["height"], abs=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_for_everyone(shown: Locator, page: Page, theme: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme=theme)
    expect(page.get_by_alt_text("A red square")).to_have_count(1)
    assert violations(page) == []
    assert fits(page)
