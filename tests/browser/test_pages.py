"""What a person with a browser sees. Pictures are by the shipped model."""

import json
import uuid

from playwright.sync_api import Page, expect

from generation.admin.pictures import THUMBNAIL_SIDE
from tests.browser.conftest import STAFF
from tests.conftest import PASSWORD
from tests.contract.documents import written


def register(page: Page) -> str:
    """Register a new person on the web form; gives the e-mail address."""
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    page.context.clear_cookies()
    page.goto("/session/?step=register&next=/api/v1/text-to-image-generator")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator("textarea")).to_be_visible()
    return email


def log_in(page: Page, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/session/?next=/api/v1/text-to-image-generator")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("textarea")).to_be_visible()


def generate(page: Page) -> None:
    """Send the offered prompt as it stands, and wait for the picture."""
    page.goto("/api/v1/text-to-image-generator")
    assert "prompt" in page.locator("textarea").input_value()
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("HTTP 200", timeout=60_000)


def drawn_width(page: Page, selector: str) -> int:
    """The width in pixels of an image that the browser has really decoded, 0 if it could not."""
    image = page.locator(selector).first
    expect(image).to_be_visible()
    width: int = image.evaluate("async image => { await image.decode(); return image.naturalWidth }")
    return width


def test_a_person_registers_logs_in_and_draws(page: Page) -> None:
    log_in(page, register(page))
    generate(page)
    assert drawn_width(page, ".pictures img") == 128
    page.goto("/api/v1/generations")
    assert drawn_width(page, ".pictures img") == 128


def test_a_visitor_is_told_to_log_in(page: Page) -> None:
    page.goto("/api/v1/generations")
    expect(page.locator(".alert")).to_contain_text("Sign in")
    expect(page.locator(".response-info")).to_contain_text("not_authenticated")


def test_a_refusal_is_readable(page: Page) -> None:
    log_in(page, register(page))
    page.locator("textarea").fill(json.dumps({"prompt": "a boat", "width": 100}))
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("Must be a multiple of 8.")


def test_the_contract_is_shown(page: Page) -> None:
    page.goto("/api/v1/docs")
    operations = sum(len(path) for path in written()["paths"].values())
    expect(page.locator("#swagger-ui .opblock")).to_have_count(operations)
    page.goto("/api/v1/redoc")
    expect(page.get_by_role("heading", name="Draw a picture from a prompt")).to_be_visible()


def test_staff_see_the_pictures_and_no_secret(page: Page) -> None:
    email = register(page)
    log_in(page, email)
    generate(page)
    page.goto("/api/v1/tokens")
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("HTTP 201")
    log_in(page, STAFF)
    page.goto("/admin/generation/generation/")
    assert drawn_width(page, "#result_list img") == THUMBNAIL_SIDE
    page.goto(f"/admin/accounts/authtoken/?q={email}")
    expect(page.locator("#result_list")).to_contain_text("sds_")
    page.locator("#result_list th a").first.click()
    content = page.locator("#content").inner_text()
    assert "sds_" in content
    assert "digest" not in content.lower()


def test_who_runs_out_asks_for_more_and_is_given_it(page: Page) -> None:
    email = register(page)
    log_in(page, email)
    generate(page)
    log_in(page, STAFF)
    page.goto(f"/admin/accounts/user/?q={email}")
    page.locator("#result_list tbody th a").click()
    page.locator("input[name=overrides-0-allowance]").fill("1")
    page.locator("input[name=_save]").click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")

    log_in(page, email)
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("quota_exhausted")
    expect(page.locator(".response-info")).to_contain_text("/api/v1/increase-limit")
    page.goto("/api/v1/increase-limit")
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("pending_review")

    log_in(page, STAFF)
    page.goto(f"/admin/accounts/limitincrease/?q={email}")
    page.locator("#result_list input[name=_selected_action]").check()
    page.locator("select[name=action]").select_option("approve")
    page.locator("input[name=note]").fill("Enjoy!")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".messagelist")).to_contain_text("Approved: 1 of 1.")

    log_in(page, email)
    generate(page)
    page.goto("/api/v1/account/ledger")
    expect(page.locator(".response-info")).to_contain_text("Enjoy!")
