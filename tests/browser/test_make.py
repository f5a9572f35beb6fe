"""The page where pictures are made, as a person uses it: on a running server, with true drawing."""

import re

from playwright.sync_api import Page, expect

from tests.browser.audit import fits, violations
from tests.browser.studio import BOAT, HOUSE, choose, is_done, made, press, register

LONG = 150
DROP = """async (address) => {
  const files = new DataTransfer();
  const blob = await (await fetch(address)).blob();
  files.items.add(new File([blob], "picture.png", { type: blob.type }));
  const carrying = { dataTransfer: files, bubbles: true, cancelable: true };
  const tell = (name) => document.body.dispatchEvent(new DragEvent(name, carrying));
  tell("dragenter");
  await customElements.whenDefined("picture-source");
  await new Promise((resolve) => setTimeout(resolve, 300));
  tell("drop");
}"""


def test_a_person_makes_a_picture_and_watches(page: Page, complaints: list[str]) -> None:
    register(page)
    expect(page.get_by_role("button", name=HOUSE)).to_be_visible()
    assert violations(page) == []
    choose(page, num_inference_steps=30)
    card = press(page, HOUSE)
    expect(card.locator(".state")).to_have_text(re.compile(r"Step \d+ of 30"))
    expect(card.locator("img.preview")).to_have_attribute("src", re.compile("^data:image/webp"))
    assert violations(page) == []
    is_done(card)
    expect(page.locator("#said")).to_have_text(f"Done: {HOUSE}")
    expect(card.get_by_role("img")).to_have_attribute("alt", HOUSE)
    assert violations(page) == []
    assert complaints == []


def test_what_runs_is_canceled(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=LONG)
    card = press(page, HOUSE)
    expect(card).to_have_attribute("data-state", "running")
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".state")).to_have_text("Canceled. Nothing was charged.")
    expect(page.locator("#said")).to_have_text(f"Canceled: {HOUSE}")
    assert made(page)[0]["cost"] == 0
    assert violations(page) == []
    card.get_by_role("button", name="Put away").click()
    expect(page.locator("#cards > li")).to_have_count(0)


def test_several_at_once(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=8)
    cards = [press(page, prompt) for prompt in (HOUSE, BOAT, "a pink tree")]
    choose(page, num_images=3)
    cards.append(press(page, "a white castle"))
    for card in cards:
        is_done(card)
    expect(cards[-1].get_by_role("img")).to_have_count(3)
    expect(cards[-1].get_by_role("img").last).to_have_attribute("alt", "a white castle (3 of 3)")
    with page.expect_download() as archive:
        cards[-1].get_by_role("link", name="Download").click()
    assert archive.value.suggested_filename.endswith(".zip")
    expect(page.locator("#cards .prompt")).to_have_text(["a white castle", "a pink tree", BOAT, HOUSE])


def test_the_price_follows_the_parameters(page: Page) -> None:
    register(page)
    expect(page.locator("#price")).to_contain_text("1 of your")
    choose(page, num_images=3, num_inference_steps=120)
    expect(page.locator("#price")).to_contain_text("9 of your")
    page.get_by_role("button", name="Back to what the model likes best").click()
    expect(page.locator("#price")).to_contain_text("1 of your")


def test_what_is_wrong_is_said_at_its_field(page: Page) -> None:
    register(page)
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_attribute("aria-invalid", "true")
    choose(page, width=100)
    expect(page.get_by_text("Must be a multiple of 8.")).to_be_visible()
    assert violations(page) == []
    choose(page, width=128)
    expect(page.get_by_text("Must be a multiple of 8.")).to_be_hidden()
    page.get_by_label("Prompt", exact=True).fill("x" * 2001)
    page.get_by_role("button", name="Make").click()
    expect(page.locator("#prompt-wrong")).to_contain_text("2000")
    expect(page.locator("#cards > li")).to_have_count(0)


def test_a_picture_is_made_again_varied_and_deleted(page: Page) -> None:
    register(page)
    choose(page, seed=7, num_inference_steps=12)
    card = press(page, HOUSE)
    is_done(card)
    card.get_by_role("button", name="Vary").click()
    expect(page.get_by_label("Seed")).to_have_value("")
    page.goto(f"/?again={card.get_attribute('data-id') or made(page)[0]['id']}")
    expect(page.get_by_label("Seed")).to_have_value("7")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    assert page.url.endswith("/")
    page.locator("#thumbnails button").click()
    dialog = page.get_by_role("dialog", name="Picture")
    dialog.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete for ever?").click()
    expect(dialog).to_be_hidden()
    assert made(page) == []


def test_the_request_is_copied_as_a_program(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=8)
    card = press(page, HOUSE)
    is_done(card)
    card.get_by_role("button", name="Copy as code").click()
    dialog = page.get_by_role("dialog", name="The same from your own programs")
    expect(dialog).to_contain_text("text-to-image-generator")
    expect(dialog).to_contain_text(HOUSE)
    assert violations(page) == []


def test_the_keyboard_is_enough(page: Page) -> None:
    register(page)
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.type("a red fish")
    page.keyboard.press("Control+Enter")
    card = page.locator("#cards > li")
    is_done(card)
    picture = card.get_by_role("button", name="a red fish")
    while not picture.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()


def test_a_picture_is_reworked_and_compared(page: Page, complaints: list[str]) -> None:
    register(page)
    choose(page, num_inference_steps=8, seed=5)
    first = press(page, HOUSE)
    is_done(first)
    first.get_by_role("button", name="Use as input").click()
    source = page.locator("picture-source")
    expect(source.get_by_role("img", name="The picture to start from")).to_be_visible()
    expect(page.locator("#prompt")).to_be_focused()
    second = press(page, "a red house in the snow at sunset")
    is_done(second)
    assert made(page)[0]["request_type"] == "image-to-image"
    second.locator(".frame button").click()
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_role("slider", name="Before and after")).to_be_visible()
    assert violations(page) == []
    assert complaints == []


def test_a_picture_that_is_dropped_tells_how_it_was_made(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=9, seed=5)
    card = press(page, HOUSE)
    is_done(card)
    address = card.get_by_role("link", name="Download").get_attribute("href")
    page.get_by_role("button", name="Back to what the model likes best").click()
    page.evaluate(DROP, address)
    expect(page.locator("#num_inference_steps")).to_have_value("9")
    expect(page.get_by_label("Seed")).to_have_value("5")
    assert fits(page)
    assert violations(page) == []
