"""A generation that ends whoever draws it ends after three attempts, and takes nobody along."""

from pathlib import Path

import pytest
import requests

from tests.faults.books import Books
from tests.faults.clients import BODY, URL, register
from tests.faults.engines import POISON
from tests.faults.houses import many_machines, one_machine
from tests.faults.test_chaos import Build

OTHERS = 6


def ask(url: str, user: dict[str, str], prompt: str) -> str:
    """The id of what was accepted."""
    answer = requests.post(
        url + URL,
        json=BODY | {"prompt": prompt, "num_inference_steps": 10},
        headers=user | {"Prefer": "respond-async"},
        timeout=10,
    )
    assert answer.status_code == 202, answer.text
    accepted: str = answer.json()["id"]
    return accepted


@pytest.mark.slow
@pytest.mark.parametrize("build", [one_machine, pytest.param(many_machines, marks=pytest.mark.long)])
def test_it_works(tmp_path: Path, build: Build) -> None:
    with build(tmp_path) as house:
        url = next(iter(house.urls.values()))
        user = register(url, "alice@example.com")
        others = [ask(url, user, "a red house") for _ in range(OTHERS)]
        poison = ask(url, user, f"a glass of {POISON}")
        books = Books.at_rest(house)
    assert books.rows[poison] == ["failed", "worker_lost"]
    assert {books.rows[other][0] for other in others} == {"succeeded"}
    books.check({other: other for other in others})
