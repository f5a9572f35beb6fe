"""The page where pictures are made, as it is first seen, on any screen."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.audit import fits, violations
from tests.browser.studio import choose, is_done, made, press, register, sign

FIRST_VIEW_REQUESTS = 10
FIRST_VIEW_BYTES = 100_000


def test_a_visitors_words_wait_until_there_is_an_account(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Say what you want to see")
    assert violations(page) == []
    page.get_by_role("button", name="a blue tree on a green hill").click()
    choose(page, num_inference_steps=12)
    page.get_by_role("button", name="Create an account to make it").click()
    sign(page, "Create an account", f"{uuid.uuid4().hex[:8]}@example.com")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a blue tree on a green hill")
    expect(page.get_by_role("button", name="Make")).to_be_focused()
    page.keyboard.press("Enter")
    is_done(page.locator("#cards > li"))
    assert made(page)[0]["parameters"]["num_inference_steps"] == 12
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_screen(page: Page, theme: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto("/")
    assert fits(page)
    assert violations(page) == []
    register(page)
    choose(page, num_inference_steps=8, num_images=2)
    assert fits(page)
    assert violations(page) == []
    card = press(page, f"a red house {'w' * 60}")
    is_done(card)
    assert fits(page)
    assert violations(page) == []
    card.locator(".frame button").first.click()
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    assert fits(page)
    assert violations(page) == []


@pytest.mark.parametrize("who", ["visitor", "user"])
def test_the_first_view_is_light(page: Page, who: str) -> None:
    if who == "user":
        register(page)
    finished: list[Request] = []
    page.goto("about:blank")
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto("/", wait_until="networkidle")
    sizes = [request.sizes() for request in finished]
    assert len(sizes) <= FIRST_VIEW_REQUESTS
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) < FIRST_VIEW_BYTES
