"""What may happen while a picture is made: it is said, nothing is lost, and nothing is charged twice."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from generation.picturebook.train import WEIGHTS
from tests import server
from tests.browser.audit import violations
from tests.browser.studio import BOAT, HOUSE, choose, is_done, made, press, register, sign
from tests.faults.houses import House, one_machine

GENERATE = "**/api/v1/text-to-image-generator*"
ALLOWANCE = 3


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that can be stopped, gives few credits, and lets one watch at a time."""
    folder: Path = tmp_path_factory.mktemp("house")
    shutil.copytree(server.empty_service(), folder, dirs_exist_ok=True)
    drawing = {"SD_MODEL": str(WEIGHTS), "SD_ENGINE": "generation.engine.engine.Engine"}
    with one_machine(folder, **drawing, DEFAULT_ALLOWANCE=str(ALLOWANCE), EVENT_STREAMS="1") as house:
        yield house


@pytest.fixture
def guest(chromium: Browser, house: House) -> Iterator[Page]:
    context = chromium.new_context(base_url=house.urls["web"], viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_the_server_stops_and_comes_back(guest: Page, house: House) -> None:
    register(guest)
    choose(guest, num_inference_steps=40)
    card = press(guest, HOUSE)
    expect(card).to_have_attribute("data-state", "running")
    house.kill("web")
    expect(card.locator(".state")).to_contain_text("The connection is lost.")
    expect(guest.locator("#connection")).to_contain_text("it goes on by itself")
    house.start("web")
    house.wait_until_ready()
    is_done(card)
    expect(guest.locator("#connection")).to_be_hidden()
    assert [one["quota"]["used"] for one in made(guest)] == [1]


def test_where_all_streams_are_taken_it_is_looked_up(guest: Page) -> None:
    asked: list[str] = []
    guest.on("request", lambda request: asked.append(request.url))
    register(guest)
    choose(guest, num_inference_steps=40)
    first, second = press(guest, HOUSE), press(guest, BOAT)
    looks = f"/generations/{second.get_attribute('data-id')}?images=url"
    is_done(first)
    is_done(second)
    assert any(url.endswith(looks) for url in asked)


def test_what_is_too_dear_is_said_before_it_is_asked_for(guest: Page) -> None:
    register(guest)
    choose(guest, num_images=ALLOWANCE + 1)
    expect(guest.get_by_text("This costs 4 credits, and you have 3 left.")).to_be_visible()
    expect(guest.get_by_role("link", name="Get more credits")).to_have_attribute("href", "/account/#credits")
    assert violations(guest) == []
    guest.get_by_label("Prompt", exact=True).fill(HOUSE)
    guest.keyboard.press("Control+Enter")
    expect(guest.get_by_role("link", name="Get more credits")).to_be_focused()
    assert made(guest) == []


def test_who_comes_back_finds_it_under_way(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=50)
    card = press(page, HOUSE)
    expect(card).to_have_attribute("data-state", "running")
    page.reload()
    expect(card).to_have_attribute("data-state", "running")
    is_done(card)
    page.reload()
    expect(page.locator("#cards > li")).to_have_count(0)
    page.locator("#thumbnails").get_by_role("button", name=HOUSE).click()
    expect(page.get_by_role("dialog", name="Picture")).to_contain_text("50")
    assert violations(page) == []


def test_a_lost_connection_loses_nothing(page: Page) -> None:
    register(page)
    choose(page, num_inference_steps=20)
    first = press(page, HOUSE)
    page.context.set_offline(True)
    page.get_by_label("Prompt", exact=True).fill(BOAT)
    page.get_by_role("button", name="Make").click()
    expect(page.locator("#cards > li").first).to_contain_text("It is sent again by itself.")
    expect(page.locator("#connection")).to_contain_text("The connection is lost.")
    assert violations(page) == []
    page.context.set_offline(False)
    is_done(first)
    is_done(page.locator("#cards > li").first)
    expect(page.locator("#connection")).to_be_hidden()
    assert [one["parameters"]["prompt"] for one in made(page)] == [BOAT, HOUSE]


def test_a_lost_answer_is_asked_for_again_and_charged_once(page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    register(page)
    page.route(GENERATE, lose, times=1)
    is_done(press(page, HOUSE))
    assert [(one["cost"], one["quota"]["used"]) for one in made(page)] == [(1, 1)]


def test_a_picture_that_could_not_be_loaded_is_asked_for_again(page: Page) -> None:
    register(page)
    page.route("**/images/0*", lambda route: route.abort("connectionreset"), times=1)
    is_done(press(page, HOUSE))


def test_what_was_never_answered_is_sent_again_after_a_reload(page: Page) -> None:
    register(page)
    page.route(GENERATE, lambda route: route.abort("connectionreset"), times=1)
    page.get_by_label("Prompt", exact=True).fill(HOUSE)
    page.get_by_role("button", name="Make").click()
    expect(page.locator("#cards > li")).to_contain_text("It is sent again by itself.")
    page.reload()
    # For a moment it may be found in the list as well as by its answer.
    is_done(page.locator("#cards > li").first)
    expect(page.locator("#cards > li")).to_have_count(1)
    assert len(made(page)) == 1


def test_whose_session_ended_signs_in_and_goes_on(page: Page) -> None:
    email = register(page)
    page.get_by_label("Prompt", exact=True).fill(BOAT)
    page.context.clear_cookies()
    page.get_by_role("button", name="Make").click()
    dialog = page.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("link", name="Sign in").click()
    sign(page, "Sign in", email)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(BOAT)
    assert made(page) == []
