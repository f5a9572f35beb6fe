"""The documents that send requests: Swagger UI and the browsable API, for whoever has a token or has signed in."""

import uuid

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_pages import drawn_width, register
from tests.conftest import PASSWORD


@pytest.fixture
def token(site: str) -> str:
    body = {"email": f"{uuid.uuid4().hex[:8]}@example.com", "password": PASSWORD}
    return str(requests.post(f"{site}/api/v1/register", json=body, timeout=10).json()["token"])


def try_out(page: Page, operation: str) -> Locator:
    """Send an operation's own example; the place where the answer is shown."""
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table .response").first
    expect(answer).to_be_visible(timeout=60_000)
    return answer


def authorize(page: Page, token: str) -> None:
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").first.fill(token)
    page.locator(".auth-container").get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close").first.click()


def test_anybody_tries_what_is_open(page: Page, complaints: list[str]) -> None:
    page.goto("/api/v1/docs")
    answer = try_out(page, "getCapabilities")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("picturebook")
    assert complaints == []


def test_who_has_a_token_draws(page: Page, token: str, complaints: list[str]) -> None:
    page.goto("/api/v1/docs")
    authorize(page, token)
    answer = try_out(page, "generateImage")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("succeeded")
    assert complaints == []


def test_who_has_signed_in_draws(page: Page, complaints: list[str]) -> None:
    register(page)
    page.goto("/api/v1/docs")
    answer = try_out(page, "generateImage")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("succeeded")
    assert complaints == []


def test_another_prompt_is_another_request(page: Page, complaints: list[str]) -> None:
    register(page)
    page.goto("/api/v1/docs")
    try_out(page, "generateImage")
    block = page.locator("[id$='-generateImage']")
    block.locator("textarea").first.fill('{"prompt": "a blue boat", "num_inference_steps": 2}')
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response").first).to_contain_text("a blue boat")
    assert complaints == []


def test_who_is_neither_is_told_so(page: Page) -> None:
    page.goto("/api/v1/docs")
    answer = try_out(page, "generateImage")
    expect(answer).to_contain_text("not_authenticated")


@pytest.mark.parametrize("path", ["text-to-image-generator", "image-manipulator1", "image-manipulator2"])
def test_the_browsable_api_shows_what_it_drew(page: Page, complaints: list[str], path: str) -> None:
    register(page)
    page.goto(f"/api/v1/{path}")
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("HTTP 200")
    assert drawn_width(page, ".pictures img") == 128
    assert "a red house" in (page.locator(".pictures img").get_attribute("alt") or "")
    assert complaints == []
