"""A running generation is canceled through any process that answers: its drawing stops, its owner is refunded."""

from pathlib import Path

import pytest
import requests

from tests.cluster import wait
from tests.faults.books import Books
from tests.faults.clients import BODY, URL, register
from tests.faults.engines import TICKS
from tests.faults.houses import many_machines, one_machine
from tests.faults.test_chaos import Build

COUNTING = {"SD_ENGINE": "tests.faults.engines.Counting"}


def ticks(folder: Path) -> int:
    """How many ticks all engines together have begun."""
    return (folder / TICKS).read_text().count("\n") if (folder / TICKS).exists() else 0


@pytest.mark.slow
@pytest.mark.parametrize("build", [one_machine, pytest.param(many_machines, marks=pytest.mark.long)])
def test_it_stops_within_two_ticks(tmp_path: Path, build: Build) -> None:
    with build(tmp_path, **COUNTING) as house:
        first, *others = house.urls.values()
        alice = register(first, "alice@example.com")
        asked = requests.post(
            first + URL,
            json=BODY | {"num_inference_steps": 100},
            headers=alice | {"Prefer": "respond-async"},
            timeout=10,
        )
        wait(lambda: ticks(tmp_path) > 3)
        elsewhere = others[0] if others else first
        canceled = requests.post(f"{elsewhere}{asked.headers['Location']}/cancel", headers=alice, timeout=10)
        assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
        begun = ticks(tmp_path)
        books = Books.at_rest(house)
        # Whatever it still draws of the canceled one, it draws beside this one's two steps.
        again = requests.post(first + URL, json=BODY | {"num_inference_steps": 2}, headers=alice, timeout=60)
        assert again.status_code == 200
    assert ticks(tmp_path) - begun <= 2 + 2
    assert (books.used, books.lines("refund")) == (0, [asked.json()["id"]])
