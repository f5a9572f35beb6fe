"""What a person does at the studio, in a browser."""

import uuid
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD

# Milliseconds in which a picture is done, on a machine with much else to do.
DRAWN = 120_000
HOUSE = "a red house in the snow at night"
BOAT = "a yellow boat on the sea at sunset"


def register(page: Page) -> str:
    """A new person at the studio; gives the e-mail address."""
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    page.goto("/session/?step=register&next=/")
    sign(page, "Create an account", email)
    return email


def sign(page: Page, button: str, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=button).click()
    expect(page.locator("#price")).to_contain_text("of your")


def choose(page: Page, **fields: int) -> None:
    """Set fields under "More", as a person would who opens it."""
    page.locator("#more").evaluate("more => more.open = true")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(str(value))


def press(page: Page, prompt: str) -> Locator:
    """Ask for a picture; gives its card, once the service has accepted it."""
    cards = page.locator("#cards > li[data-id]")
    before = cards.count()
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name="Make").click()
    expect(cards).to_have_count(before + 1)
    return page.locator(f"[data-id='{cards.first.get_attribute('data-id')}']")


def is_done(card: Locator) -> None:
    expect(card).to_have_attribute("data-state", "succeeded", timeout=DRAWN)
    expect(card.get_by_role("img").first).to_have_js_property("naturalWidth", 128)


def made(page: Page) -> list[dict[str, Any]]:
    """What the service says that this person has asked for."""
    results: list[dict[str, Any]] = page.evaluate(
        "async () => (await (await fetch('/api/v1/generations')).json()).results"
    )
    return results
