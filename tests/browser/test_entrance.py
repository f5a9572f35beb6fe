"""The page where people come in, at a desk and on a phone."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD

OTHER = "nine quiet lighthouses"


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def visitor(request: pytest.FixtureRequest, page: Page) -> Page:
    page.set_viewport_size({"width": request.param, "height": 800})
    return page


def fill(page: Page, button: str, **fields: str) -> None:
    labels = {"email": "E-mail address", "password": "Password"}
    for name, value in fields.items():
        page.get_by_label(labels[name]).fill(value)
    page.get_by_role("button", name=button).click()


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled to sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_person_comes_in_and_out_and_in_again(visitor: Page, last_link: Callable[[], str]) -> None:
    page, email = visitor, f"{uuid.uuid4().hex[:8]}@example.com"
    page.goto("/session/")
    assert fits(page)
    page.locator("main").get_by_role("link", name="Create an account").click()
    fill(page, "Create an account", email=email, password="password123")
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".errorlist")).to_contain_text("too common")
    assert fits(page)
    fill(page, "Create an account", password=PASSWORD)
    expect(page).to_have_url("/")

    page.goto("/session/")
    expect(page.locator("main")).to_contain_text(email)
    assert fits(page)
    page.get_by_role("button", name="Sign out").click()
    fill(page, "Sign in", email=email, password=OTHER)
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    fill(page, "Sign in", password=PASSWORD)
    expect(page).to_have_url("/")

    page.context.clear_cookies()
    page.goto("/session/")
    page.get_by_role("link", name="Forgotten password?").click()
    fill(page, "Send the letter", email=email)
    expect(page.locator("main").get_by_role("status")).to_contain_text("a letter is on its way")
    page.goto(last_link())
    expect(page).to_have_url("/session/?step=reset")
    fill(page, "Set the password", password=OTHER)
    expect(page.locator("main").get_by_role("status")).to_contain_text("Your new password is set.")
    fill(page, "Sign in", email=email, password=OTHER)
    expect(page).to_have_url("/")
