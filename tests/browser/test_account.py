"""What people do with their account, each part of it."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.audit import fits, violations
from tests.conftest import PASSWORD

PARTS = ["credits", "ledger", "tokens", "profile", "data"]
OTHER = "nine quiet lighthouses"
API = "/api/v1"


def come_in(page: Page) -> str:
    """Register a new person; gives the e-mail address."""
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    page.goto("/session/?step=register&next=/account/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator("#credits")).to_contain_text("credits left")
    return email


@pytest.fixture
def own(page: Page) -> Page:
    """The account of a new person."""
    come_in(page)
    return page


def part(page: Page, name: str) -> Locator:
    page.locator(f".contents a[href='#{name}']").click()
    shown = page.locator(f"#{name}")
    expect(shown).to_be_visible()
    expect(shown).not_to_have_attribute("aria-busy", "true")
    return shown


def said(form: Locator) -> Locator:
    return form.locator("[data-said]")


def make_token(tokens: Locator, name: str, **fields: str) -> str:
    tokens.get_by_text("Make a token", exact=True).click()
    tokens.get_by_label("Name").fill(name)
    for label, value in fields.items():
        tokens.get_by_label(label.replace("_", " ")).fill(value)
    tokens.get_by_role("button", name="Make the token").click()
    expect(tokens.locator("#new-token")).to_contain_text(name)
    return tokens.locator("#new-token-secret").inner_text()


def test_it_asks_for_more_credits(own: Page) -> None:
    expect(own.get_by_role("meter", name="Allowance")).to_have_attribute("aria-valuenow", "0")
    expect(own.locator("#credits")).to_contain_text("It starts anew on")
    own.get_by_role("button", name="Ask for them").click()
    expect(own.get_by_label("What for")).to_be_focused()
    expect(own.locator("#reason-wrong")).to_have_text("Please fill this in.")
    own.get_by_label("How many").fill("0")
    own.get_by_label("What for").fill("A book")
    own.get_by_role("button", name="Ask for them").click()
    expect(own.get_by_label("How many")).to_have_attribute("aria-invalid", "true")
    own.get_by_label("How many").fill("40")
    own.get_by_role("button", name="Ask for them").click()
    expect(own.locator("[data-waiting]")).to_contain_text("You have asked for 40 credits.")
    expect(own.locator(".requests li")).to_contain_text(["Waits for an answer"])
    assert violations(own) == []


def test_the_ledger_tells_of_every_change(own: Page) -> None:
    ledger = part(own, "ledger")
    expect(ledger.get_by_text("Nothing has changed yet.")).to_be_visible()
    secret = make_token(part(own, "tokens"), "Pen")
    picture = draw(own, secret)
    own.reload()
    ledger = part(own, "ledger")
    expect(ledger.locator("tbody tr")).to_contain_text(["Picture made", "Reserved for a picture"])
    expect(ledger.locator("tbody tr").last).to_contain_text("-1")
    link = ledger.get_by_role("link", name="See the picture").first
    expect(link).to_have_attribute("href", f"/pictures/#{picture}")
    assert violations(own) == []


def draw(page: Page, secret: str) -> str:
    answer = requests.post(
        address_of(page) + f"{API}/text-to-image-generator",
        json={"prompt": "a red house", "num_inference_steps": 1},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=60,
    )
    return str(answer.json()["id"])


def address_of(page: Page) -> str:
    return page.url.partition("/account/")[0]


def test_the_ledger_goes_on(own: Page) -> None:
    secret = make_token(part(own, "tokens"), "Pen")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: draw(own, secret), range(16)))
    rows = part(own, "ledger").locator("tbody tr")
    expect(rows).to_have_count(30)
    own.get_by_role("button", name="Show older ones").click()
    expect(rows).to_have_count(32)
    expect(rows.nth(30)).to_be_focused()
    expect(own.locator("#ledger").get_by_role("button", name="Show older ones")).to_be_hidden()


def test_a_token_is_shown_once_and_revoked(own: Page) -> None:
    tokens = part(own, "tokens")
    none = tokens.get_by_text("You have no tokens.")
    expect(none).to_be_visible()
    secret = make_token(tokens, "Nightly job", Most_credits_to_spend="5")
    assert violations(own) == []
    draw(own, secret)
    tokens.get_by_role("button", name="I have it").click()
    own.reload()
    expect(tokens).to_contain_text("1 of 5 credits spent")
    expect(tokens).to_contain_text(secret[:8])
    assert secret not in own.content()

    tokens.get_by_role("button", name="Revoke Nightly job").click()
    own.get_by_role("button", name="Cancel").click()
    tokens.get_by_role("button", name="Revoke Nightly job").click()
    own.get_by_role("button", name="Revoke it").click()
    expect(none).to_be_visible()
    refused = requests.get(
        address_of(own) + f"{API}/account", headers={"Authorization": f"Bearer {secret}"}, timeout=10
    )
    assert refused.json()["code"] == "invalid_token"


def test_a_token_is_made_as_it_is_wished_for(own: Page) -> None:
    tokens = part(own, "tokens")
    tokens.get_by_text("Make a token", exact=True).click()
    tokens.get_by_label("Name").fill("Reader")
    tokens.get_by_label("Making pictures").uncheck()
    tokens.get_by_label("Seeing your pictures").uncheck()
    tokens.get_by_label("Expires").select_option("On a day of your choice")
    tokens.get_by_label("Last day").fill("2020-01-01")
    tokens.get_by_role("button", name="Make the token").click()
    expect(tokens.locator("#scopes-wrong")).to_be_visible()
    expect(tokens.locator("#token-day-wrong")).to_have_text("This moment is past.")
    tokens.get_by_label("Seeing your pictures").check()
    tokens.get_by_label("Last day").fill("2099-01-01")
    tokens.get_by_role("button", name="Make the token").click()
    expect(tokens.locator("[data-tokens] li")).to_contain_text(["Good for seeing them"])
    expect(tokens.locator("[data-tokens] li")).to_contain_text(["Expires Jan 1, 2099"])


def test_the_webhook_secret_is_shown_when_it_is_asked_for(own: Page) -> None:
    place = part(own, "tokens").locator("#webhooks")
    place.get_by_role("button", name="Show the secret").click()
    expect(place.locator("code")).to_contain_text("whsec_")
    first = place.locator("code").inner_text()
    place.get_by_role("button", name="Make another one").click()
    own.get_by_role("dialog").get_by_role("button", name="Make another one").click()
    expect(place).to_contain_text("The one before signs too until")
    assert place.locator("code").inner_text() != first
    place.get_by_role("button", name="Hide the secret").click()
    expect(place.locator("code")).to_have_text("")


def test_the_profile_is_changed(own: Page) -> None:
    profile = part(own, "profile")
    profile.get_by_label("What to call you").fill("Ada")
    profile.get_by_role("button", name="Save the name").click()
    expect(said(profile.locator("#name-form"))).to_have_text("Your name is saved.")
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    form = profile.locator("#email-form")
    form.get_by_label("New address").fill(email)
    form.get_by_label("Your password").fill(OTHER)
    form.get_by_role("button").click()
    expect(form.locator("#email-password-wrong")).to_have_text("This is not your present password.")
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(form.locator("[data-email]")).to_have_text(email)
    own.reload()
    expect(profile.get_by_label("What to call you")).to_have_value("Ada")
    expect(profile.locator("#limits")).to_contain_text("Largest picture")


def test_pictures_keep_their_prompts_to_themselves(own: Page) -> None:
    box = part(own, "profile").get_by_label("Write the prompt into new pictures")
    expect(box).to_be_checked()
    box.uncheck()
    expect(said(own.locator("#pictures-form"))).to_contain_text("keep their prompts to themselves")
    own.reload()
    expect(box).to_be_visible()
    expect(box).not_to_be_checked()


def test_the_password_is_changed_and_one_stays_in(own: Page) -> None:
    form = part(own, "profile").locator("#password-form")
    form.get_by_label("Present password").fill(PASSWORD)
    form.get_by_label("New password").fill("password123")
    form.get_by_role("button").click()
    expect(form.locator("#new-password-wrong")).to_contain_text("too common")
    form.get_by_label("New password").fill(OTHER)
    form.get_by_role("button").click()
    expect(said(form)).to_contain_text("Your password is changed.")
    own.reload()
    expect(part(own, "data")).to_be_visible()


def test_all_is_taken_along_and_deleted(own: Page, tmp_path: Path) -> None:
    data = part(own, "data")
    with own.expect_download() as download:
        data.get_by_role("link", name="Download everything").click()
    download.value.save_as(tmp_path / "all.zip")
    email = json.loads(ZipFile(tmp_path / "all.zip").read("account.json"))["email"]
    data.get_by_label("Your password").fill(OTHER)
    data.get_by_role("button", name="Delete my account").click()
    expect(data.locator("#delete-password-wrong")).to_have_text("This is not your present password.")
    data.get_by_label("Your password").fill(PASSWORD)
    data.get_by_role("button", name="Delete my account").click()
    expect(own.get_by_role("heading", name="Your account is deleted")).to_be_focused()
    login = {"email": email, "password": PASSWORD}
    assert requests.post(address_of(own) + f"{API}/login", json=login, timeout=10).status_code == 401


def test_a_part_that_could_not_be_loaded_is_tried_again(own: Page) -> None:
    own.route(f"**{API}/account/ledger*", lambda route: route.abort(), times=1)
    own.locator(".contents a[href='#ledger']").click()
    expect(own.locator("#ledger [role=alert]")).to_contain_text("cannot be reached")
    assert violations(own) == []
    own.get_by_role("button", name="Try again").click()
    expect(own.get_by_text("Nothing has changed yet.")).to_be_visible()


def test_the_keyboard_is_enough(own: Page) -> None:
    link = own.locator(".contents a[href='#tokens']")
    link.focus()
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name="Tokens", exact=True)).to_be_focused()
    expect(link).to_have_attribute("aria-current", "true")
    summary = own.locator("#make-token summary")
    while not summary.evaluate("element => element === document.activeElement"):
        own.keyboard.press("Tab")
    for key in ("Enter", "Tab"):
        own.keyboard.press(key)
    own.keyboard.type("By hand")
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name="Your new token: By hand")).to_be_focused()


def test_the_browser_finds_fault_with_nothing(complaints: list[str], own: Page) -> None:
    for name in PARTS:
        part(own, name)
    own.reload()
    expect(own.locator("#data")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_is_for_everyone(own: Page, theme: str) -> None:
    own.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    own.set_viewport_size({"width": 320, "height": 700})
    for name in PARTS:
        part(own, name)
        assert violations(own) == []
        assert fits(own)
