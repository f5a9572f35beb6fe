"""Every page that is not the studio's is usable by everyone, as far as rules can tell, in the light and in the dark."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from generation.picturebook.train import WEIGHTS
from tests import server
from tests.browser.audit import fits, violations, violations_of_both_themes
from tests.browser.conftest import STAFF
from tests.browser.test_pages import generate, log_in

LISTS = "#nav-sidebar th a"
FORMS = "#nav-sidebar a.addlink"
ADDRESSES = "links => links.map(link => link.getAttribute('href'))"
OTHERS = ["monitoring/", "password_change/", "enrol/", "second-step/", "recovery-codes/", "accounts/"]
BROWSABLE = [
    "account",
    "account/ledger",
    "tokens",
    "capabilities",
    "generations",
    "increase-limit",
    "quote",
]


@pytest.fixture(scope="module")
def staff(chromium: Browser, site: str, site_folder: Path) -> Iterator[Page]:
    """One page of Carol's, for all that is only looked at here."""
    environment = os.environ | server.environment_of(site_folder, WEIGHTS)
    server.manage(environment, "shell", "-v0", "-c", "from tests.browser.records import make; make()")
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    log_in(page, STAFF)
    generate(page)
    yield page
    context.close()


def found(
    page: Page, addresses: list[str], look: Callable[[Page], list[str]] = violations_of_both_themes
) -> dict[str, list[str]]:
    """What is wrong with each; a page on which nothing is wrong is left out."""
    wrong = {}
    for address in addresses:
        page.goto(address)
        wrong[address] = look(page)
    return {address: violations for address, violations in wrong.items() if violations}


def linked(page: Page, selector: str) -> list[str]:
    page.goto("/admin/")
    addresses: list[str] = page.eval_on_selector_all(selector, ADDRESSES)
    return addresses


def test_the_lists_of_staff_and_a_row_of_each(staff: Page) -> None:
    lists = linked(staff, LISTS)
    rows = []
    for address in lists:
        staff.goto(address)
        rows.append(staff.locator("#result_list tbody a").first.get_attribute("href") or "")
    assert len(rows) >= 14
    assert found(staff, lists) == {}
    assert found(staff, rows, violations) == {}


def test_the_forms_of_staff(staff: Page) -> None:
    forms = linked(staff, FORMS)
    assert "/admin/accounts/invitation/add/" in forms
    assert found(staff, forms) == {}


def test_the_other_pages_of_staff(staff: Page) -> None:
    assert found(staff, ["/admin/", *(f"/admin/{path}" for path in OTHERS)]) == {}


def test_a_choice_that_is_open(staff: Page) -> None:
    staff.goto("/admin/accounts/ledgerentry/add/")
    staff.locator(".select2-selection").click()
    expect(staff.locator(".select2-results__option").first).to_contain_text("@")
    assert violations(staff) == []


def test_the_browsable_api(staff: Page) -> None:
    assert found(staff, [f"/api/v1/{path}" for path in BROWSABLE]) == {}
    generate(staff)
    expect(staff.locator(".pictures img")).to_be_visible()
    assert violations(staff) == []


def test_swagger_ui(staff: Page) -> None:
    staff.goto("/api/v1/docs")
    expect(staff.locator(".opblock").first).to_be_visible()
    assert violations(staff) == []
    staff.locator("[id$='-generateImage'] .opblock-summary-control").click()
    expect(staff.get_by_role("button", name="Try it out")).to_be_visible()
    assert violations(staff) == []


def test_redoc(staff: Page) -> None:
    staff.goto("/api/v1/redoc")
    expect(staff.get_by_text("API docs by Redocly")).to_be_attached()
    assert violations(staff) == []


def test_where_there_is_nothing(staff: Page) -> None:
    assert found(staff, ["/nothing"]) == {}
    staff.set_viewport_size({"width": 320, "height": 640})
    assert fits(staff)
    staff.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("name", ["400", "403", "csrf", "500", "503"])
def test_the_other_refusals(staff: Page, name: str) -> None:
    staff.goto("/session/")
    staff.set_content(render_to_string(f"refusals/{name}.html", {"request_id": "0" * 32}))
    assert violations_of_both_themes(staff) == []
