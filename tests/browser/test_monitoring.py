"""The staff's page of monitoring, under load, as a browser shows it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import STAFF
from tests.conftest import PASSWORD

WIDTHS = [1280, 390]


def client_of(site: str) -> dict[str, str]:
    body = {"email": "load@example.com", "password": PASSWORD}
    answer = requests.post(f"{site}/api/v1/register", json=body, timeout=10)
    if answer.status_code == 409:
        answer = requests.post(f"{site}/api/v1/login", json=body, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def draw(site: str, headers: dict[str, str]) -> None:
    body: dict[str, Any] = {"prompt": "a red house", "num_inference_steps": 8}
    requests.post(f"{site}/api/v1/text-to-image-generator", json=body, headers=headers, timeout=60)


def open_page(page: Page, path: str) -> None:
    page.context.clear_cookies()
    page.goto(f"/session/?next={path}")
    page.get_by_label("E-mail address").fill(STAFF)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#connection")).to_have_text("Live")


def values(page: Page, chart: str) -> list[list[str]]:
    """What the table beside a live chart says, the newest first."""
    rows: list[list[str]] = page.locator(f"[data-live={chart}] tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


@pytest.fixture
def loaded(site: str) -> Any:
    headers = client_of(site)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(30):
            pool.submit(draw, site, headers)
        yield


def test_the_charts_say_what_happens(page: Page, loaded: None) -> None:
    open_page(page, "/admin/monitoring/")
    ended = page.locator("[data-live=ended] output[data-now=succeeded]")
    expect(ended).to_have_text("30", timeout=60_000)
    rows = values(page, "ended")
    assert rows[0][1:] == ["30", "0"]
    assert any(float(row[1]) > 0 for row in values(page, "ticks") if row[1][0].isdigit())
    assert "L" in (page.locator("[data-live=ended] [data-series=succeeded]").get_attribute("d") or "")
    assert "30 now" in (page.locator("#live-ended-description").text_content() or "")
    expect(page.locator("[data-part=engine]")).to_have_attribute("data-state", "ready")


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, "/admin/monitoring/?period=week")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator("[data-live=queue] summary").click()
    expect(page.locator("[data-live=queue] table")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
