"""One's own pictures, as a grid and one by one. They are drawn by the shipped model."""

import re
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from generation.picturebook.train import WEIGHTS
from tests import server
from tests.browser.audit import fits, violations
from tests.browser.gallery import MANY
from tests.conftest import PASSWORD

PROMPTS = ["a red boat in the sea", "a blue house in the snow", "a green tree on a hill"]
SLOW = {"prompt": "a slow fish", "num_inference_steps": 150}


def registered(site: str) -> tuple[str, dict[str, str]]:
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    body = {"email": email, "password": PASSWORD}
    token = requests.post(f"{site}/api/v1/register", json=body, timeout=10).json()["token"]
    return email, {"Authorization": f"Bearer {token}"}


def draw(site: str, headers: dict[str, str], **body: Any) -> str:
    url = f"{site}/api/v1/text-to-image-generator"
    answer = requests.post(url, json={"num_inference_steps": 6} | body, headers=headers, timeout=60)
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def people(site: str, site_folder: Path) -> dict[str, str]:
    """E-mail addresses: of someone with pictures of all kinds, and of someone with many."""
    some, headers = registered(site)
    many, _ = registered(site)
    for number, prompt in enumerate(PROMPTS):
        draw(site, headers, prompt=prompt, seed=number, num_images=3 if number == 1 else 1)
    program = f"from tests.browser import gallery; gallery.fill({some!r}, {many!r})"
    server.manage(server.environment_of(site_folder, WEIGHTS), "shell", "--verbosity", "0", "-c", program)
    return {"some": some, "many": many}


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    return {}


@pytest.fixture
def enter(page: Page, sessions: dict[str, Any]) -> Callable[[str], Page]:
    """Comes in as a person, to the page of pictures."""

    def enter(email: str) -> Page:
        if email in sessions:
            page.context.add_cookies(sessions[email])
            page.goto("/pictures/")
        else:
            page.goto("/session/?next=/pictures/")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/pictures/")
            sessions[email] = page.context.cookies()
        expect(page.locator("#grid")).to_have_attribute("aria-busy", "false")
        return page

    return enter


@pytest.fixture
def own(enter: Callable[[str], Page], site: str) -> Page:
    """The page of someone with a picture of each prompt, whom no other test knows."""
    email, headers = registered(site)
    for prompt in PROMPTS:
        draw(site, headers, prompt=prompt)
    return enter(email)


def tile(page: Page, prompt: str) -> Locator:
    return page.locator(".tile", has=page.get_by_role("link", name=prompt))


def everywhere(page: Page) -> list[str]:
    """What is wrong on a phone in the dark, and on a wide screen in the light."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 640})
    wrong = violations(page) + ([] if fits(page) else ["320 is too narrow"])
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 3840, "height": 2160})
    wrong += violations(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def test_it_works(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    expect(page.get_by_role("heading", name=re.compile("Today|Yesterday")).first).to_be_visible()
    pictures = page.locator(".tile img")
    expect(pictures.first).to_have_attribute("alt", PROMPTS[-1])
    assert (
        pictures.first.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 128
    )
    expect(tile(page, PROMPTS[1])).to_contain_text("3 pictures")
    failed = tile(page, "a boat that failed")
    expect(failed).to_contain_text("Nothing was charged.")
    again = failed.get_by_role("link", name="Try again")
    expect(again).to_have_attribute("href", re.compile(r"/\?again=[\da-f-]{36}"))
    expect(tile(page, "a boat that is gone")).to_contain_text("Removed")
    assert everywhere(page) == []


def test_the_first_view_is_light(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["many"])
    page.goto("about:blank")
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client.on(
        "Network.responseReceived",
        lambda told: addresses.update({told["requestId"]: told["response"]["url"]}),
    )
    client.on(
        "Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]})
    )
    page.goto("/pictures/")
    page.wait_for_load_state("networkidle")
    asked = {request for request, url in addresses.items() if "/images/" not in url}
    assert len(asked) <= 10
    assert sum(sizes[request] for request in asked) < 100_000


def test_it_loads_on_and_stays_light(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["many"])
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(30)
    page.get_by_role("button", name="Show more").press("Enter")
    expect(tiles.nth(30).locator(".look")).to_be_focused()
    while not page.get_by_text("These are all.").is_visible():
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(50)
    expect(tiles).to_have_count(MANY)
    expect(tiles.first.locator("img")).to_have_count(0)
    page.keyboard.press("Control+Home")
    expect(tiles.first.locator("img")).to_be_visible()


def test_more_than_an_archive_holds(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["many"])
    page.set_viewport_size({"width": 3840, "height": 6000})
    expect(page.locator(".tile")).to_have_count(MANY)
    page.locator(".pick input").first.check()
    page.get_by_role("button", name="Choose all shown").click()
    expect(page.get_by_role("region", name="Chosen pictures")).to_contain_text(f"{MANY} chosen")
    expect(page.locator("#too-many")).to_contain_text("at most 100")
    expect(page.locator("[data-do=zip]")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#bar")).to_be_hidden()


def test_the_address_keeps_what_was_looked_for(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    page.get_by_label("Search the prompts").fill("boat")
    expect(page.locator(".tile")).to_have_count(3)
    page.get_by_label("State").select_option("Failed")
    expect(page).to_have_url(re.compile(r"\?q=boat&status=failed$"))
    expect(page.locator(".tile")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("State")).to_have_value("failed")
    expect(page.locator(".tile")).to_have_count(1)
    page.go_back()
    expect(page.get_by_label("State")).to_have_value("")
    expect(page.locator(".tile")).to_have_count(3)


def test_certain_days(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    page.get_by_label("Period").select_option("Certain days")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert everywhere(page) == []
    page.get_by_role("button", name="Show all pictures").click()
    expect(page.locator(".tile")).to_have_count(5)
    expect(page).to_have_url("/pictures/")
    expect(page.get_by_role("heading", name="Pictures")).to_be_focused()


def test_who_has_none_is_shown_the_way(enter: Callable[[str], Page], site: str) -> None:
    page = enter(registered(site)[0])
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    expect(page.get_by_role("link", name="Make a picture")).to_have_attribute("href", "/")
    assert everywhere(page) == []


def test_one_in_full(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    tile(page, PROMPTS[2]).get_by_role("link").click()
    dialog = page.get_by_role("dialog", name="A picture in full")
    expect(dialog.get_by_role("img", name=PROMPTS[2])).to_be_visible()
    id = page.url.split("#")[1]
    for name, address in {"Vary": "vary", "Again with this seed": "again"}.items():
        expect(dialog.get_by_role("link", name=name)).to_have_attribute("href", f"/?{address}={id}")
    expect(dialog.get_by_role("link", name="Use as input")).to_have_attribute("href", f"/?from={id}.0")
    for fact in ["Seed2", "Size128", "Steps6", "Modelpicturebook", "Cost1 credit", id]:
        expect(dialog.locator("dl")).to_contain_text(fact)
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"{id}-0.png"
    dialog.get_by_text("The same as a program").click()
    expect(dialog.get_by_role("tabpanel")).to_contain_text(PROMPTS[2])
    assert everywhere(page) == []


def test_from_one_to_the_next(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    first = tile(page, PROMPTS[2]).get_by_role("link")
    first.press("Enter")
    dialog = page.get_by_role("dialog", name="A picture in full")
    expect(dialog.locator("[data-fact=prompt]")).to_have_text(PROMPTS[2])
    expect(dialog.get_by_role("button", name="Previous picture")).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"#[\da-f-]{36}\.1$"))
    expect(dialog.locator("[data-fact=prompt]")).to_have_text(PROMPTS[1])
    expect(dialog.get_by_role("button", name="Picture 2")).to_have_attribute("aria-current", "true")
    page.reload()
    expect(dialog.locator("[data-fact=prompt]")).to_have_text(PROMPTS[1])
    # The picture can be there before the grid is.
    expect(tile(page, PROMPTS[1])).to_be_attached()
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(tile(page, PROMPTS[1]).get_by_role("link")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(first).to_be_focused()


def test_a_swipe_turns(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    tile(page, PROMPTS[2]).get_by_role("link").click()
    frame = page.locator("#viewer .frame")
    expect(frame.get_by_role("img", name=PROMPTS[2])).to_be_visible()
    for kind, x in {"pointerdown": 300, "pointerup": 100}.items():
        frame.dispatch_event(kind, {"pointerType": "touch", "clientX": x, "clientY": 300})
    expect(frame.get_by_role("img", name=PROMPTS[1])).to_be_visible()


def test_a_lost_connection_is_said_and_comes_back(
    enter: Callable[[str], Page], people: dict[str, str]
) -> None:
    page = enter(people["some"])
    page.route("**/api/v1/generations?*", lambda route: route.abort())
    page.get_by_label("State").select_option("Done")
    expect(page.get_by_role("alert")).to_have_text(re.compile("cannot be reached right now"))
    page.unroute_all()
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.locator(".tile")).to_have_count(4)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_several_as_a_zip(enter: Callable[[str], Page], people: dict[str, str]) -> None:
    page = enter(people["some"])
    tile(page, PROMPTS[2]).get_by_role("checkbox").check()
    tile(page, PROMPTS[0]).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(page.get_by_role("region", name="Chosen pictures")).to_contain_text("3 chosen")
    assert everywhere(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as zip").click()
    names = ZipFile(BytesIO(download.value.path().read_bytes())).namelist()
    assert len([name for name in names if name.endswith(".png")]) == 5


def test_deleting_several(own: Page) -> None:
    boat, house, tree = [tile(own, prompt) for prompt in PROMPTS]
    tree.get_by_role("checkbox").check()
    # While some are chosen, a click on a picture chooses it.
    house.get_by_role("link").click()
    own.get_by_role("region", name="Chosen pictures").get_by_role("button", name="Delete").click()
    dialog = own.get_by_role("dialog", name="Delete these 2?")
    expect(dialog).to_contain_text("2 pictures are lost for ever")
    assert everywhere(own) == []
    dialog.get_by_role("button", name="Keep").click()
    expect(
        own.get_by_role("region", name="Chosen pictures").get_by_role("button", name="Delete")
    ).to_be_focused()
    own.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete for ever").click()
    expect(own.locator(".tile")).to_have_count(1)
    expect(boat.get_by_role("link")).to_be_focused()
    own.reload()
    expect(own.locator(".tile")).to_have_count(1)


def test_what_cannot_be_deleted_is_named(own: Page) -> None:
    tile(own, PROMPTS[0]).get_by_role("link").click()
    own.route(
        "**/api/v1/generations/*", lambda route: route.abort() if route.request.method == "DELETE" else None
    )
    own.get_by_role("dialog").get_by_role("button", name="Delete").click()
    own.get_by_role("button", name="Delete for ever").click()
    expect(own.get_by_role("alert")).to_contain_text(
        f"{PROMPTS[0]} (The service cannot be reached right now.)"
    )
    own.unroute_all()
    own.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(own.locator(".tile")).to_have_count(3)


def test_the_last_one_is_deleted(enter: Callable[[str], Page], site: str) -> None:
    email, headers = registered(site)
    draw(site, headers, prompt=PROMPTS[0])
    page = enter(email)
    tile(page, PROMPTS[0]).get_by_role("link").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this?").get_by_role("button", name="Delete for ever").click()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    expect(page).to_have_url("/pictures/")


def test_what_is_unfinished_becomes_done(enter: Callable[[str], Page], site: str) -> None:
    email, headers = registered(site)
    page = enter(email)
    draw(site, headers | {"Prefer": "respond-async"}, **SLOW)
    page.goto("/pictures/?status=unfinished")
    expect(tile(page, "a slow fish").get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=60_000)
    expect(page.locator("#said")).to_have_text("Done: a slow fish")
    page.get_by_role("button", name="Show all pictures").click()
    expect(tile(page, "a slow fish").locator("img")).to_have_count(1)


def test_it_is_stopped_from_its_full_view(enter: Callable[[str], Page], site: str) -> None:
    email, headers = registered(site)
    page = enter(email)
    id = draw(site, headers | {"Prefer": "respond-async"}, **SLOW | {"num_images": 8})
    page.goto(f"/pictures/#{id}")
    page.reload()
    dialog = page.get_by_role("dialog", name="A picture in full")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_role("link", name="Try again")).to_have_attribute("href", f"/?again={id}")
    page.keyboard.press("Escape")
    expect(tile(page, "a slow fish")).to_contain_text("Canceled")
