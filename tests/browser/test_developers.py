"""Whoever has never seen the service finds on this page alone how to call it, and it is as the page says."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.audit import fits, violations
from tests.browser.test_account import come_in


@pytest.fixture
def guide(page: Page) -> Page:
    """The page, as a new person finds it."""
    come_in(page)
    page.get_by_role("link", name="API").click()
    expect(page.get_by_role("tab", name="Python").first).to_be_visible()
    return page


def make_token(guide: Page) -> str:
    guide.get_by_role("button", name="Make a token").click()
    expect(guide.locator("#token h3")).to_be_focused()
    return guide.locator("[data-secret]").inner_text()


def program(guide: Page, language: str) -> str:
    guide.locator("#picture").get_by_role("tab", name=language).click()
    return guide.locator("#picture").get_by_role("tabpanel").inner_text()


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(step: Locator) -> str:
    expect(step.locator("[data-said]").last).to_contain_text("Answered with")
    return step.locator("[data-answer]").inner_text()


@pytest.mark.parametrize(
    ("language", "command"), [("Python", sys.executable), ("curl", "bash")], ids=["python", "curl"]
)
def test_what_the_page_says_makes_a_picture(guide: Page, tmp_path: Path, language: str, command: str) -> None:
    secret = make_token(guide)
    guide.get_by_label("What to draw").fill('a "red" house')
    source = program(guide, language)
    assert secret in source
    (tmp_path / "program").write_text(source)
    assert run(tmp_path, command, "program") == "succeeded\n"
    assert Image.open(tmp_path / "picture-0.png").size == (128, 128)


def test_without_a_token_the_programs_say_where_it_goes(guide: Page) -> None:
    assert 'os.environ["TOKEN"]' in program(guide, "Python")
    assert "process.env.TOKEN" in program(guide, "JavaScript")
    assert "$TOKEN" in program(guide, "curl")


def test_the_token_can_be_found_again_in_the_account(guide: Page) -> None:
    secret = make_token(guide)
    guide.get_by_role("link", name="in your account").click()
    expect(guide.locator("[data-tokens] li")).to_contain_text(["API, "])
    expect(guide.locator("[data-tokens] li")).to_contain_text([secret[:8]])


def test_the_page_sends_the_request_itself(guide: Page) -> None:
    secret = make_token(guide)
    step = guide.locator("#picture")
    step.get_by_role("button", name="Run it").click()
    shown = answer(step)
    assert '"status": "succeeded"' in shown
    assert "X-Request-Id: " in shown
    assert "characters)" in shown
    assert f"Authorization: Bearer {secret}" in step.locator("[data-request]").inner_text()
    picture = step.get_by_role("img", name="a red house in the snow at night")
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 128


def test_it_is_tried_out_without_a_token_too(guide: Page) -> None:
    step = guide.locator("#picture")
    step.get_by_role("button", name="Run it").click()
    assert '"status": "succeeded"' in answer(step)
    assert "you are signed in here" in step.locator("[data-request]").inner_text()


def test_a_picture_is_watched(guide: Page) -> None:
    step = guide.locator("#waiting")
    step.get_by_role("button", name="Watch one being made").click()
    expect(step.locator("[data-watched]")).to_have_text("It is over: succeeded.")
    expect(step.locator(".events li").first).to_contain_text("status")
    expect(step.locator(".events li").last).to_contain_text("succeeded")
    expect(step.locator("img")).to_be_visible()


def test_a_refusal_is_shown_as_it_comes(guide: Page) -> None:
    step = guide.locator("#refusals")
    step.get_by_role("button", name="Send a wrong request").click()
    shown = answer(step)
    assert '"code": "invalid_request"' in shown
    assert "Must be a multiple of 8." in shown
    assert "X-Request-Id: " in shown


@pytest.mark.parametrize("name", ["waiting", "again"])
def test_the_examples_run(guide: Page, tmp_path: Path, name: str) -> None:
    make_token(guide)
    (tmp_path / "program").write_text(guide.locator(f"[data-example={name}] pre").inner_text())
    out = run(tmp_path, "bash", "program")
    told = out if name == "waiting" else (tmp_path / "answer.json").read_text()
    assert '"status":"succeeded"' in told.replace(" ", "")


def test_a_token_that_was_revoked_is_refused_and_nobody_is_signed_out(guide: Page) -> None:
    make_token(guide)
    step = guide.locator("#picture")
    guide.evaluate(
        """async () => {
          const { ask } = await import('/static/studio/frame.js');
          const { results } = await ask('/tokens');
          await ask(`/tokens/${results[0].id}`, { method: 'DELETE' });
        }"""
    )
    step.get_by_role("button", name="Run it").click()
    assert '"code": "invalid_token"' in answer(step)
    expect(guide.locator("#session-ended")).to_be_hidden()


def test_the_browser_finds_fault_with_nothing(complaints: list[str], guide: Page) -> None:
    make_token(guide)
    guide.get_by_role("button", name="Run it").click()
    answer(guide.locator("#picture"))
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_for_everyone(guide: Page, theme: str) -> None:
    guide.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    guide.set_viewport_size({"width": 320, "height": 700})
    assert violations(guide) == []
    make_token(guide)
    guide.get_by_role("button", name="Run it").click()
    guide.get_by_role("button", name="Send a wrong request").click()
    answer(guide.locator("#refusals"))
    answer(guide.locator("#picture"))
    assert violations(guide) == []
    assert fits(guide)


def test_the_keyboard_is_enough(guide: Page) -> None:
    guide.locator("[data-make]").focus()
    guide.keyboard.press("Enter")
    expect(guide.locator("#token h3")).to_be_focused()
    prompt = guide.get_by_label("What to draw")
    while not prompt.evaluate("element => element === document.activeElement"):
        guide.keyboard.press("Tab")
    guide.keyboard.press("Enter")
    assert '"status": "succeeded"' in answer(guide.locator("#picture"))
