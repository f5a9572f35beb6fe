"""Every kind of page under the policies: the browser finds fault with nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STAFF
from tests.browser.test_pages import drawn_width, generate, log_in, register

STEPS = ["signin", "register", "forgotten"]


@pytest.mark.parametrize("step", STEPS)
def test_where_people_come_in(page: Page, complaints: list[str], step: str) -> None:
    page.goto(f"/session/?step={step}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert complaints == []


def test_the_api_as_pages(page: Page, complaints: list[str]) -> None:
    register(page)
    generate(page)
    page.goto("/api/v1/generations")
    page.goto("/api/v1/account")
    expect(page.locator(".response-info")).to_contain_text("HTTP 200")
    assert complaints == []


def test_swagger_ui(page: Page, complaints: list[str]) -> None:
    page.goto("/api/v1/docs")
    page.locator(".opblock-summary").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    assert complaints == []


def test_redoc(page: Page, complaints: list[str]) -> None:
    page.goto("/api/v1/redoc")
    expect(page.get_by_text("API docs by Redocly")).to_be_attached()
    page.get_by_placeholder("Search").fill("picture")
    expect(page.locator("[data-role='search:results'] li").first).to_be_visible()
    expect(page.locator("img[src^='http']")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize(
    "path",
    ["", "accounts/user/", "accounts/user/add/", "generation/generation/", "accounts/ledgerentry/", "enrol/"],
)
def test_pages_of_staff(page: Page, complaints: list[str], path: str) -> None:
    log_in(page, STAFF)
    page.goto(f"/admin/{path}")
    expect(page.locator("#content")).to_be_visible()
    page.goto("/admin/accounts/user/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("#user_form")).to_be_visible()
    assert complaints == []


def test_what_staff_see_of_a_picture(page: Page, complaints: list[str]) -> None:
    log_in(page, STAFF)
    generate(page)
    page.goto("/admin/generation/generation/")
    page.locator("#result_list tbody th a").first.click()
    assert drawn_width(page, "#content img")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="Change history")).to_be_visible()
    assert complaints == []


def test_the_page_of_monitoring(page: Page, complaints: list[str]) -> None:
    log_in(page, STAFF)
    page.goto("/admin/monitoring/")
    expect(page.locator("#connection")).to_have_text("Live")
    assert complaints == []


def test_a_violation_would_be_noticed(page: Page, complaints: list[str]) -> None:
    page.goto("/session/")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))"
    )
    page.wait_for_timeout(200)
    assert "style-src" in complaints[0]
