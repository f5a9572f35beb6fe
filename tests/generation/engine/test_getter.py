import subprocess
import sys

import pytest

import generation.engine
from generation.engine import EngineConfig, EngineState, configure, get_engine, reset_engine

CONFIG = EngineConfig(model="", runner="tests.generation.runners.Noise")


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation.engine, "_engine", None)
    monkeypatch.setattr(generation.engine, "_config", None)


def test_there_is_one_engine_until_it_is_reset() -> None:
    configure(CONFIG)
    first = get_engine()
    assert get_engine() is first
    reset_engine()
    assert first.state is EngineState.STOPPED
    assert get_engine() is not first
    reset_engine()


def test_without_a_configuration_there_is_none() -> None:
    with pytest.raises(RuntimeError, match="configure"):
        get_engine()


def test_the_web_side_imports_no_torch() -> None:
    program = (
        "import django, sys; django.setup();"
        "from django.urls import resolve; resolve('/api/v1/capabilities');"
        "sys.exit(any(name in sys.modules for name in ('torch', 'diffusers', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
