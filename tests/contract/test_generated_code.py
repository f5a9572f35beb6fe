"""What openapi-generator makes of openapi.yaml works: a client draws, server stubs import."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests import programs
from tests.contract.documents import OPENAPI_YAML, written

pytestmark = pytest.mark.slow

STUB_OPERATIONS = """
import json
from openapi_server.main import app
paths = app.openapi()["paths"]
print(json.dumps(sorted(f"{method} {path}" for path, item in paths.items() for method in item)))
"""


def generate(generator: str, folder: Path, *options: str) -> None:
    programs.need_java()
    command = ["generate", f"--input-spec={OPENAPI_YAML}", f"--generator-name={generator}", "--output=."]
    run = programs.run("openapi-generator-cli", *command, *options, folder=folder)
    assert run.returncode == 0, run.stdout


def python(*arguments: str, path: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(path)}
    run = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_generated_client_registers_and_draws(url: str, tmp_path: Path) -> None:
    generate("python", tmp_path, "--package-name=picture_client")
    script = Path(__file__).with_name("draw_with_client.py")
    python(str(script), url, str(tmp_path / "house.png"), path=tmp_path)
    with Image.open(tmp_path / "house.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (64, 64))


def test_generated_server_stubs_import_and_have_every_operation(tmp_path: Path) -> None:
    generate("python-fastapi", tmp_path)
    stubs = json.loads(python("-c", STUB_OPERATIONS, path=tmp_path / "src"))
    assert stubs == sorted(f"{method} {path}" for path, item in written()["paths"].items() for method in item)
