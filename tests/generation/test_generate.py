"""`manage.py generate`."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from generation.engine import Engine
from generation.management.commands import generate
from tests.generation.pictures import file_of, scene


@pytest.fixture(autouse=True)
def _keep_the_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command stops the engine at its end; the next test still needs it."""
    monkeypatch.setattr(generate, "reset_engine", lambda: None)


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
        (["--strength=0.5"], "strength"),
        (["--mask=mask.png"], "mask"),
        (["--image=/nowhere/house.png"], "/nowhere"),
        (["-o", "/nowhere/house.png"], "/nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("generate", "a red house", *options)


def test_generate_starts_from_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.png").write_bytes(file_of(scene()))
    options = [f"--image={tmp_path / 'in.png'}", "--steps=4", "--strength=0.5", "--seed=7"]
    run("generate", "a red house", "-o", str(tmp_path / "out.png"), *options)
    run("generate", "a red house", "-o", str(tmp_path / "two.png"), *options, f"--mask={tmp_path / 'in.png'}")
    assert Image.open(tmp_path / "out.png").size == Image.open(tmp_path / "two.png").size == (64, 64)
    assert "2/2" in capsys.readouterr().err


def test_a_file_that_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"no picture")
    with pytest.raises(CommandError, match="PNG, JPEG or WebP"):
        run("generate", "a red house", f"--image={tmp_path / 'in.png'}")


def test_a_model_that_cannot_be_loaded_is_said(use_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    use_engine("Refused")
    with pytest.raises(CommandError, match=r"weights\.bin"):
        run("generate", "a red house", "-o", str(tmp_path / "house.png"))
