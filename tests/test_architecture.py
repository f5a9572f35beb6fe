"""The rules of the house that no single room can keep: who imports what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the lowest to the highest: a room imports from those before it.
ROOMS = ["accounts", "generation", "monitoring", "sdsite"]
HEAVY = {"torch", "diffusers", "transformers"}
MAY_IMPORT_HEAVY = (
    "generation/engine/",
    "generation/picturebook/",
    "generation/benchmark/",
    "generation/management/commands/",
)
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """The names of all modules that a source imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_source_imports_what_its_room_may(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    packages = {name.partition(".")[0] for name in imported(tree)}
    room = name_of(path).partition("/")[0]
    assert not packages & set(ROOMS[ROOMS.index(room) + 1 :])
    if not name_of(path).startswith(MAY_IMPORT_HEAVY):
        assert not packages & HEAVY
    if name_of(path).startswith("generation/engine/"):
        assert not packages & {"django", "rest_framework", "accounts"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_import_stands_inside_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [name for function in functions for name in imported(function)]


def test_the_parameters_are_plain_python() -> None:
    tree = ast.parse((ROOT / "generation/params.py").read_text(encoding="utf-8"))
    assert {name.partition(".")[0] for name in imported(tree)} <= sys.stdlib_module_names


def test_a_web_process_that_does_not_draw_never_loads_torch() -> None:
    code = (
        "import sys; from sdsite.wsgi import application; from django.urls import get_resolver; "
        "get_resolver().url_patterns; print({'torch', 'diffusers', 'transformers'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
