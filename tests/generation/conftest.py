from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import generation.engine
from accounts.models import AuthToken, User
from generation.engine import Engine, EngineConfig
from generation.models import Generation, Origin
from generation.params import GenerationParams, SchedulerName
from tests.generation import runners, tiny_model

START_SECONDS = 120


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A diffusers folder with random weights in the true architecture."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny_model.build(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_engine(tiny_folder: Path) -> Iterator[Engine]:
    engine = Engine(EngineConfig(model=str(tiny_folder), device="cpu", num_threads=1))
    engine.start()
    engine.wait_until_settled(START_SECONDS)
    yield engine
    engine.stop()


@pytest.fixture
def engine(tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The process's engine, with the tiny model."""
    monkeypatch.setattr(generation.engine, "_engine", tiny_engine)
    return tiny_engine


@pytest.fixture
def make_engine() -> Iterator[Callable[..., Engine]]:
    """Starts engines with a runner of `runners`, and stops them after the test."""
    engines: list[Engine] = []

    def make(name: str, max_waiting: int = 256, **options: Any) -> Engine:
        runner = f"{runners.__name__}.{name}"
        engine = Engine(EngineConfig(model="", runner=runner, max_waiting=max_waiting, **options))
        engine.start()
        engines.append(engine)
        return engine

    yield make
    waits = (runners.Held, runners.SlowToLoad, runners.Stuck)
    for runner in waits:
        runner.go.set()
    for engine in engines:
        engine.stop()
    for runner in waits:
        runner.go.clear()


@pytest.fixture
def use_engine(
    make_engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Engine]:
    """Makes an engine with a runner of `runners` the process's engine."""

    def use(name: str) -> Engine:
        engine = make_engine(name)
        if name != "SlowToLoad":
            engine.wait_until_settled(START_SECONDS)
        monkeypatch.setattr(generation.engine, "_engine", engine)
        return engine

    return use


@pytest.fixture
def params() -> Callable[..., GenerationParams]:
    """Makes parameters of a quick picture."""

    def make(**changes: object) -> GenerationParams:
        values: dict[str, object] = {
            "prompt": "a red house",
            "width": 64,
            "height": 64,
            "num_inference_steps": 2,
            "guidance_scale": 3.0,
            "scheduler": SchedulerName.DDIM,
            "seed": 7,
        }
        return GenerationParams(**values | changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def submit(alice: User, params: Callable[..., GenerationParams]) -> Callable[..., Generation]:
    """Accepts a generation of Alice's that nothing runs."""

    def make(
        user: User = alice, cost: int = 1, token: AuthToken | None = None, **changes: object
    ) -> Generation:
        return Generation.objects.submit(
            user, params(**changes), model="tiny", cost=cost, token=token, origin=Origin("request-1")
        )

    return make
