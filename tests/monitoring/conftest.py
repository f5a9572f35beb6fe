from collections.abc import Iterator

import pytest

from monitoring import metrics, system
from tests.generation.conftest import make_engine, params, submit, use_engine

__all__ = ["make_engine", "params", "submit", "use_engine"]


@pytest.fixture(autouse=True)
def _looked_at_anew() -> Iterator[None]:
    yield
    system.forget()
    metrics.tally_look.forget()
