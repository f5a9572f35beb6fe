"""The pages in Spanish: nothing of them is left in English, they fit, and all goes on working."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.audit import fits, violations
from tests.conftest import PASSWORD

HOUSE = "una casa roja en la nieve"
# Milliseconds in which a picture is done, on a machine with much else to do.
DRAWN = 120_000
DRAW = """async (wish) => {
  const { csrf } = JSON.parse(document.getElementById("page").textContent);
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  await fetch("/api/v1/text-to-image-generator", { method: "POST", headers, body: JSON.stringify(wish) });
}"""
LOCALE = Path(__file__).parents[2] / "sdsite/locale/es/LC_MESSAGES"
PLACEHOLDER = re.compile(r"\{\w+\}|%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")
# Words that no Spanish sentence has.
ENGLISH = re.compile(r"\b(the|and|your|you|with|is|are|of|for|this|that|it|was|to)\b", re.IGNORECASE)
# All that can be read or is read aloud, but code and what says itself that it is in another language.
READABLE = """() => {
  const apart = "pre, code, script, style, noscript, template, [lang=en]";
  const found = [document.title];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(apart) || !element.checkVisibility({ visibilityProperty: true })) continue;
    for (const name of ["aria-label", "alt", "title", "placeholder"])
      if (element.getAttribute(name)) found.push(element.getAttribute(name));
    for (const node of element.childNodes)
      if (node.nodeType === Node.TEXT_NODE && node.data.trim()) found.push(node.data.trim().replace(/\\s+/g, " "));
  }
  return found;
}"""


def pieces(*texts: str) -> set[str]:
    """Sentences without the elements that stand in them."""
    return {piece.strip() for text in texts for piece in TAG.split(text)}


def patterns() -> Iterator[re.Pattern[str]]:
    """How what is said in other words in Spanish could be read in English."""
    entries = [entry for path in LOCALE.glob("*.po") for entry in polib.pofile(str(path))]
    said = pieces(*(text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())))
    for piece in pieces(*(text for entry in entries for text in (entry.msgid, entry.msgid_plural))) - said:
        words = PLACEHOLDER.split(piece)
        if any(re.search("[A-Za-z]{2}", text) for text in words):
            yield re.compile(".+".join(map(re.escape, words)))


SOURCES = list(patterns())


def english(page: Page) -> list[str]:
    """What can be read on a page and is not in Spanish."""
    texts = page.evaluate(READABLE)
    return [
        text for text in texts if ENGLISH.search(text) or any(source.fullmatch(text) for source in SOURCES)
    ]


@pytest.fixture
def visitor(chromium: Browser, site: str) -> Iterator[Page]:
    """A page of somebody whose browser speaks Spanish."""
    context = chromium.new_context(base_url=site, locale="es-ES", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.goto("about:blank")
    context.close()


@pytest.fixture
def person(visitor: Page) -> Page:
    """The same, once they have an account."""
    visitor.goto("/session/?step=register&next=/account/")
    visitor.get_by_label("Correo electrónico").fill(f"{uuid.uuid4().hex[:8]}@example.com")
    visitor.get_by_label("Contraseña").fill(PASSWORD)
    visitor.get_by_role("button", name="Crear una cuenta").click()
    expect(visitor.locator("[data-credits]")).to_contain_text("créditos")
    return visitor


def is_right(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("lang") == "es"
    assert english(page) == []
    assert violations(page) == []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), width


@pytest.mark.parametrize(
    "path", ["/", "/session/", "/session/?step=register", "/session/?step=forgotten", "/nowhere/"]
)
def test_what_visitors_see(visitor: Page, path: str) -> None:
    visitor.goto(path)
    is_right(visitor)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/session/",
        "/pictures/",
        "/developers/",
        *(f"/account/#{part}" for part in ("credits", "ledger", "tokens", "profile", "data")),
    ],
)
def test_what_people_see(person: Page, path: str) -> None:
    person.goto(path)
    is_right(person)


def test_a_picture_is_made_and_looked_at(person: Page) -> None:
    person.goto("/")
    person.get_by_label("Prompt", exact=True).fill(HOUSE)
    person.locator("#more").evaluate("more => more.open = true")
    expect(person.locator("#price")).to_contain_text("1 de tus")
    is_right(person)
    person.get_by_role("button", name="Crear").click()
    card = person.locator("#cards > li").first
    expect(card).to_have_attribute("data-state", "succeeded", timeout=DRAWN)
    expect(person.locator("#said")).to_have_text(f"Lista: {HOUSE}")
    is_right(person)
    card.get_by_role("button", name="Copiar como código").click()
    expect(person.get_by_role("tab", name="Python")).to_be_visible()
    is_right(person)


def test_pictures_are_looked_through(person: Page) -> None:
    person.evaluate(DRAW, {"prompt": HOUSE, "num_inference_steps": 2})
    person.goto("/pictures/")
    expect(person.get_by_role("heading", name="Hoy")).to_be_visible()
    is_right(person)
    person.get_by_role("link", name=HOUSE).click()
    expect(person.get_by_role("region", name="Cómo se hizo")).to_be_visible()
    is_right(person)
    person.get_by_role("button", name="Eliminar").first.click()
    expect(person.get_by_role("heading", name="¿Eliminar esta?")).to_be_visible()
    is_right(person)


def test_what_is_refused_is_said_in_spanish(person: Page) -> None:
    person.goto("/account/#profile")
    form = person.locator("#password-form")
    form.get_by_label("Contraseña actual").fill("adivinada")
    form.get_by_label("Contraseña nueva").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(form.locator("#current-password-wrong")).to_have_text("Esta no es tu contraseña actual.")
    is_right(person)


@pytest.mark.parametrize(
    "address", ["/", "/pictures/?status=failed", "/account/#tokens", "/session/?step=forgotten"]
)
def test_another_language_is_chosen_where_one_is(person: Page, address: str) -> None:
    person.goto(address)
    person.get_by_role("button", name="English").click()
    expect(person.locator("html")).to_have_attribute("lang", "en")
    expect(person).to_have_url(address)
    person.get_by_role("button", name="Español").click()
    expect(person.locator("html")).to_have_attribute("lang", "es")
    expect(person).to_have_url(address)
