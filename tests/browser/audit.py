"""What can be told by rules about how usable a page is for everyone (axe-core, WCAG 2.2 A and AA, best practices)."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Colours are all that differs between the themes.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
SETTLED = "document.getAnimations().forEach(each => { if (each instanceof CSSTransition) each.finish() })"


def violations(page: Page, only: list[str] | None = None) -> list[str]:
    """What axe-core finds wrong: the rule, and the elements that break it."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options | ({"runOnly": only} if only else {})).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]


def violations_of_both_themes(page: Page) -> list[str]:
    """The same, for a page that was opened in the light one."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    found += [f"dark {each}" for each in violations(page, OF_COLOUR)]
    page.emulate_media(color_scheme="light")
    page.evaluate(SETTLED)
    return found


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
