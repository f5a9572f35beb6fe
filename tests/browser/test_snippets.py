"""The programs that pages print for a request: each is run as it stands, and sends the very same request."""

import base64
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, expect

from tests import programs
from tests.browser.audit import fits, violations
from tests.conftest import PASSWORD

COMMANDS = {
    "curl": ["bash", "program"],
    "python": [sys.executable, "program"],
    "javascript": ["node", "--input-type=module"],
}
# What the languages quote, expand or cannot see, each in its own way.
PROMPT = (
    'it\'s a "red" house\n\tfor $HOME `id` $(id) \\n \\ ${x} {y} %s é 雪 \U0001f3e0 !! # /* */ \u202e\u200b\x7f'
    "\nJSON\nEOF '''"
)
FIELDS = {
    "seed": 7,
    "num_inference_steps": 4,
    "num_images": 2,
    "output_format": "webp",
    "guidance_scale": 3.5,
}
SHOW = """async (codes) => {
  const { copyable } = await import('/static/studio/snippets.js');
  document.querySelector('main').innerHTML = '<h1>Programs</h1><section></section>';
  copyable(document.querySelector('main section'), codes);
}"""


@pytest.fixture
def client(site: str) -> dict[str, str]:
    body = {"email": f"{uuid.uuid4().hex[:8]}@example.com", "password": PASSWORD}
    answer = requests.post(f"{site}/api/v1/register", json=body, timeout=10)
    return {"TOKEN": answer.json()["token"]}


@pytest.fixture
def printed(page: Page) -> Callable[..., dict[str, str]]:
    """The programs for a path and a body."""

    def print_(path: str, token: str | None = None, **body: Any) -> dict[str, str]:
        page.goto("/")
        script = "async request => (await import('/static/studio/snippets.js')).snippets(request)"
        codes: dict[str, str] = page.evaluate(script, {"path": path, "body": body, "token": token})
        return codes

    return print_


def run(language: str, code: str, folder: Path, environment: dict[str, str]) -> str:
    """What the program says. Node takes modules without a name from its input."""
    (folder / "program").write_text(code, encoding="utf-8")
    command = COMMANDS[language]
    try:
        done = subprocess.run(
            command, cwd=folder, env=os.environ | environment, input=code, capture_output=True, text=True
        )
    except FileNotFoundError:
        programs.missing(f"{command[0]} is not installed")
    return done.stdout + done.stderr


def last_of(site: str, client: dict[str, str]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {client['TOKEN']}"}
    answer = requests.get(f"{site}/api/v1/generations", headers=headers, timeout=10)
    last: dict[str, Any] = answer.json()["results"][0]
    return last


def picture(colour: str, side: int = 64) -> bytes:
    content = BytesIO()
    Image.new("RGB", (side, side), colour).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("language", COMMANDS)
def test_it_works(
    printed: Callable[..., Any], site: str, client: dict[str, str], tmp_path: Path, language: str
) -> None:
    code = printed("/text-to-image-generator", prompt=PROMPT, negative_prompt="", **FIELDS)[language]
    assert run(language, code, tmp_path, client) == "succeeded\n"
    drawn = last_of(site, client)
    assert drawn["parameters"] | FIELDS | {"prompt": PROMPT.strip()} == drawn["parameters"]
    for index in range(2):
        assert Image.open(tmp_path / f"picture-{index}.webp").size == (128, 128)


@pytest.mark.parametrize("language", COMMANDS)
def test_pictures_are_read_from_files(
    printed: Callable[..., Any], site: str, client: dict[str, str], tmp_path: Path, language: str
) -> None:
    image, mask = (base64.b64encode(picture(colour)).decode() for colour in ("red", "white"))
    body = {"prompt": PROMPT, "image": f"data:image/png;base64,{image}", "mask": mask, "strength": 0.5}
    code = printed("/image-manipulator2", num_inference_steps=4, **body)[language]
    assert image not in code
    (tmp_path / "image.png").write_bytes(picture("red"))
    (tmp_path / "mask.png").write_bytes(picture("white"))
    assert run(language, code, tmp_path, client) == "succeeded\n"
    drawn = last_of(site, client)
    assert drawn["request_type"] == "inpainting"
    assert drawn["parameters"]["prompt"] == PROMPT.strip()
    assert (tmp_path / "picture-0.png").exists()


@pytest.mark.parametrize("language", COMMANDS)
def test_a_token_may_stand_in_it(
    printed: Callable[..., Any], client: dict[str, str], tmp_path: Path, language: str
) -> None:
    (tmp_path / "image.png").write_bytes(picture("red"))
    body = {"prompt": "a boat", "image": "iVBORw0KGgo", "num_inference_steps": 4}
    code = printed("/image-manipulator1", token=client["TOKEN"], **body)[language]
    assert run(language, code, tmp_path, {}) == "succeeded\n"
    code = printed("/text-to-image-generator", token="sds_wrong", prompt="a boat")[language]
    assert "token" in run(language, code, tmp_path, {})


@pytest.mark.parametrize("language", COMMANDS)
def test_a_refusal_is_told(
    printed: Callable[..., Any], client: dict[str, str], tmp_path: Path, language: str
) -> None:
    code = printed("/text-to-image-generator", prompt="a boat", width=100)[language]
    said = run(language, code, tmp_path, client)
    assert "invalid" in said.lower()
    assert not list(tmp_path.glob("picture-*"))


def test_pictures_keep_their_kind(printed: Callable[..., Any]) -> None:
    code = printed("/image-manipulator1", prompt="a boat", image="/9j/4AAQ", strength=0.5)["python"]
    assert 'base64_of("image.jpg")' in code
    code = printed("/image-manipulator1", prompt="a boat", image="data:image/webp;base64,UklGRg==")["python"]
    assert 'base64_of("image.webp")' in code


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_a_language_is_chosen_and_copied(page: Page, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.evaluate(SHOW, {"curl": "curl " + 100 * "long ", "python": "print()", "javascript": "1;"})
    page.get_by_role("tab", name="curl").press("ArrowRight")
    expect(page.get_by_role("tab", name="Python")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Python")).to_have_text("print()")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "print()"
    assert violations(page) == []
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="curl")).to_have_attribute("aria-selected", "true")
    assert fits(page)


def test_it_copies_without_a_clipboard(page: Page) -> None:
    page.goto("/")
    page.evaluate(SHOW, {"curl": "curl", "python": "print()"})
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
