"""The guide is true: each example of it is run, in order, and answers as told; and it leaves out no operation."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from generation.picturebook.train import WEIGHTS
from tests import examples, server
from tests.cluster import wait
from tests.conftest import PASSWORD
from tests.contract.documents import written

DOCS = server.ROOT / "docs"
PAGES = sorted((DOCS / "guide").glob("*.md"))
READ_BY_PEOPLE = [
    DOCS / "README.md",
    DOCS / "deployment.md",
    DOCS / "architecture.md",
    server.ROOT / "README.md",
    *PAGES,
]
STAFF = "carol@example.com"
# What a service is run with, as far as the examples show it.
SETTINGS = {
    "LOG_FORMAT": "text",
    "RATE_LIMITS": "true",
    "DEFAULT_ALLOWANCE": "100",
    "DEFAULT_UNFINISHED": "32",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
}
UNTOLD = {
    "stripeWebhook": "for Stripe alone, which signs what it sends",
    "confirmEmail": "only where addresses are confirmed, which a service that begins does not",
}
LINE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/\S+) (2\d\d) \d+ ms")
LETTER = re.compile(r"/session/\?reset=(\S+)")


@dataclass
class Told:
    """What came of the examples."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    log: str = ""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("guide")
    with server.running(folder, WEIGHTS, **SETTINGS) as address:
        environment = server.environment_of(folder, WEIGHTS) | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        server.manage(environment, "createsuperuser", "--no-input", "--email", STAFF)
        log, desk = folder / "server.log", tmp_path_factory.mktemp("desk")
        told = Told({page.name: run(page, desk, log, address) for page in PAGES})
        told.log = log.read_text(errors="replace")
        yield told


def run(page: Path, desk: Path, log: Path, address: str) -> list[str]:
    """What its examples do not answer as told."""
    place = desk / page.stem
    place.mkdir()
    email = f"{page.stem}@example.com"
    known = {
        "API": f"{address}/api/v1",
        "EMAIL": email,
        "PASSWORD": PASSWORD,
        "TOKEN": token(address, "register", email),
        "STAFF_TOKEN": token(address, "login", STAFF),
    }
    variables = place / examples.VARIABLES
    variables.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in known.items()))
    faults = []
    for example in examples.examples(page):
        if "$LETTER" in example.code:
            letter = wait(lambda: LETTER.search(log.read_text(errors="replace")))
            with variables.open("a") as file:
                file.write(f"LETTER={shlex.quote(letter[1])}\n")
        faults += [f"line {example.line}: {fault}" for fault in examples.run(example, place, address)]
    return faults


def token(address: str, how: str, email: str) -> str:
    answer = requests.post(f"{address}/api/v1/{how}", json={"email": email, "password": PASSWORD}, timeout=10)
    return str(answer.json()["token"])


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_example_answers_as_told(told: Told, page: str) -> None:
    assert told.faults[page] == []


def test_no_operation_is_left_out(told: Told) -> None:
    asked = {(method.lower(), path.partition("?")[0]) for method, path, _ in LINE.findall(told.log)}
    left_out = {
        operation["operationId"]
        for path, item in written()["paths"].items()
        for method, operation in item.items()
        if not any(method == of and fits(path, address) for of, address in asked)
    }
    assert left_out == set(UNTOLD)


def fits(path: str, address: str) -> bool:
    return bool(re.fullmatch("/api/v1" + re.sub(r"\{\w+\}", "[^/]+", path), address))


def test_every_code_has_its_place() -> None:
    row = re.compile(r"^\| (?:(\d{3}) \| )?`(\w+)` \|", re.MULTILINE)
    known = row.findall(written()["info"]["description"])
    page = (DOCS / "guide" / "errors.md").read_text(encoding="utf-8")
    told = [(section[:3], code) for section in page.split("\n## ")[1:] for _, code in row.findall(section)]
    assert told == known


@pytest.mark.parametrize("page", [str(page.relative_to(server.ROOT)) for page in READ_BY_PEOPLE])
def test_what_it_points_to_is_there(page: str) -> None:
    path = server.ROOT / page
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    files = (
        []
        if path not in PAGES
        else re.findall(r"`((?:accounts|generation|monitoring|sdsite|tests|deploy|docs)/[\w./-]+)`", text)
    )
    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [file for file in files if not (server.ROOT / file).exists()]
    assert missing == []


def test_an_answer_may_leave_out_what_differs() -> None:
    told = examples.parsed('{"id": "…", "n": …, "list": [1, …], "url": "http://…/x", "more": {"a": 1, …}}')
    real = {"id": "a", "n": 3, "list": [1, 2], "url": "http://h/x", "more": {"a": 1, "b": 2}}
    assert list(examples.differences(told, real)) == []
    wrong = real | {"list": [2], "url": "x", "more": {}}
    assert len(list(examples.differences(told, wrong))) == 3
    assert list(examples.differences({"a": 1}, {"a": True})) == [".a: True"]
