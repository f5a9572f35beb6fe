import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from generation.picturebook.train import WEIGHTS
from tests import programs, server
from tests.cluster import wait
from tests.conftest import PASSWORD

STAFF = "carol@example.com"
# Without a GPU, what moves on a page is drawn by the processor, which has pictures to draw.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-prefers-reduced-motion"]
# Some violations are told of by this event alone.
VIOLATIONS = """addEventListener("securitypolicyviolation",
    event => console.error(`${event.violatedDirective} forbids ${event.blockedURI}`))"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed with this folder's last test: while Playwright's loop runs, Django thinks that it is called from it."""
    program = shutil.which("chromium")
    if program is None:
        programs.missing("chromium is not installed")
    # A machine that draws is slow at all else.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="package")
def site(site_folder: Path) -> Iterator[str]:
    """A running service with the shipped model, and Carol on its staff."""
    with server.running(site_folder, WEIGHTS) as address:
        environment = server.environment_of(site_folder, WEIGHTS) | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        server.manage(environment, "createsuperuser", "--no-input", "--email", STAFF)
        yield address


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """A page of a new visitor. Asking another server is an error."""
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    # Every request of the page has its end behind it once another page is there.
    page.goto("about:blank")
    context.close()
    assert [url for url in asked if is_elsewhere(url, site)] == []


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser finds fault with: errors, violations of the policy of contents, and what could not be loaded."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: None if has_left(request) else found.append(request.url))
    page.add_init_script(VIOLATIONS)
    return found


@pytest.fixture
def last_link(site_folder: Path) -> Callable[[], str]:
    """The link of the letter that comes next: without a mail server, letters go to the console, after the answer."""

    def links() -> list[str]:
        log = (site_folder / "server.log").read_text(errors="replace")
        return re.findall(r"^http\S+/session/\?\S+$", log, re.MULTILINE)

    known = links()

    def read() -> str:
        nonlocal known
        before, known = known, wait(lambda: found if (found := links()) != known else None)
        assert len(known) == len(before) + 1
        return str(known[-1])

    return read


def is_elsewhere(url: str, site: str) -> bool:
    return not url.startswith((site, "data:", "blob:"))


def has_left(request: Request) -> bool:
    """Whether it was given up because its page was left."""
    return request.failure == "net::ERR_ABORTED"
