"""Processes are killed at random moments under load: nothing that was accepted is lost, or charged or drawn twice.

`make test` runs a short round; `make chaos` a long one, with the numbers that `--kills` and `--accepted` name.
"""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.faults.books import Books, summary
from tests.faults.clients import Clients
from tests.faults.houses import House, many_machines, one_machine

SEED = 20261125
Build = Callable[..., AbstractContextManager[House]]


@pytest.mark.slow
@pytest.mark.parametrize("build", [one_machine, many_machines])
def test_it_works(
    tmp_path: Path,
    build: Build,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kills, accepted = (int(pytestconfig.getoption(name)) for name in ("kills", "accepted"))
    chance = random.Random(SEED)
    with build(tmp_path) as house:
        clients = Clients(list(house.urls.values()))
        clients.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 1.2))
            name = chance.choice(list(house.commands))
            house.kill(name)
            house.start(name)
            house.wait_until_ready()
        while len(clients.accepted) < accepted and not clients.wrong:
            time.sleep(0.1)
        clients.stop()
        books = Books.at_rest(house)
    with capsys.disabled():
        print(f"\n{build.__name__}: {kills} kills, {len(clients.accepted)} accepted, {summary(books)}")  # noqa: T201
    assert clients.wrong == []
    books.check(clients.accepted)
