"""`manage.py generate` and `manage.py benchmark`."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

import generation.engine
from generation.benchmark import latency
from generation.benchmark.server import ServerFigures
from generation.engine import Engine
from generation.management.commands import benchmark, generate
from generation.params import GenerationParams


@pytest.fixture(autouse=True)
def _keep_the_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands stop the engine at their end; the next test still needs it."""
    monkeypatch.setattr(generate, "reset_engine", lambda: None)
    monkeypatch.setattr(benchmark, "reset_engine", lambda: None)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_generate_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "64 x 64, seed 7" in run("generate", "a red house", "-o", str(tmp_path / "house.png"), "--seed=7")
    assert Image.open(tmp_path / "house.png").size == (64, 64)
    assert "2/2" in capsys.readouterr().err


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        run("generate", "a boat", "-o", str(tmp_path / name), "--seed=7", "--scheduler=heun", "--steps=3")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_every_option_is_taken(tmp_path: Path) -> None:
    target = tmp_path / "house.jpg"
    options = ["--width=72", "--height=128", "--guidance-scale=1", "--negative-prompt=fog", "--quality=50"]
    run("generate", "a red house", "-o", str(target), *options)
    assert (Image.open(target).format, Image.open(target).size) == ("JPEG", (72, 128))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--width=65"], "width"),
        (["--steps=0"], "num_inference_steps"),
        (["--seed=-1"], "seed"),
        (["--scheduler=lcm", "--steps=60"], "scheduler"),
        (["-o", "house.gif"], ".png"),
        (["-o", "/nowhere/house.png"], "/nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("generate", "a red house", *options)


def test_a_model_that_cannot_be_loaded_is_said(use_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    use_engine("Refused")
    with pytest.raises(CommandError, match=r"weights\.bin"):
        run("generate", "a red house", "-o", str(tmp_path / "house.png"))


def test_the_bare_pipeline_draws_the_same_picture(
    tiny_engine: Engine, params: Callable[..., GenerationParams]
) -> None:
    ours = tiny_engine.submit(params()).result(60)
    bare = latency.bare_pipeline(tiny_engine.config, params())()
    assert np.array_equal(np.asarray(ours[0]), np.asarray(bare[0]))


def test_benchmark_works(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = ServerFigures(first_picture_seconds=9.5, resident_bytes=700 * 2**20)
    monkeypatch.setattr(benchmark.server, "measure", lambda root: figures)
    measured = json.loads(run("benchmark", "--repetitions=2", "--json"))
    assert measured["latency"]["ratio"] > 0
    assert measured["server"]["resident_bytes"] == 700 * 2**20
    assert "700 MiB" in run("benchmark", "--repetitions=1")
    assert generation.engine.get_engine().model.name == "tiny"
