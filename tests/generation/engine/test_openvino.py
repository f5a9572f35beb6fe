"""OpenVINO in torch's place on a CPU: the same pictures, torch until it is there and wherever it fails."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine import EngineConfig, compiling
from generation.engine.config import ExecutorName
from generation.engine.denoising import Denoising
from generation.engine.example import example
from generation.engine.openvino import OpenVinoExecutor
from tests.generation import tiny_model

NATIVE = (2, 8, 8)


@pytest.fixture(scope="module", params=["tiny", "sdxl", "lcm"])
def kind_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / request.param
    tiny_model.build(folder, request.param)
    return folder


@pytest.fixture(scope="module")
def runner(kind_folder: Path) -> Iterator[Denoising]:
    """With its model converted, tried out and compiled, as a server's is after a while."""
    config = EngineConfig(
        model=str(kind_folder),
        device="cpu",
        num_threads=1,
        executor=ExecutorName.OPENVINO,
        buckets=(1, 2),
        cache_dir=kind_folder.parent / "cache",
    )
    runner = Denoising(config)
    assert openvino(runner).wait(NATIVE)
    yield runner
    runner.close()


def openvino(runner: Denoising) -> OpenVinoExecutor:
    assert isinstance(runner.executor, OpenVinoExecutor)
    return runner.executor


@torch.inference_mode()
def test_it_gives_what_torch_gives(runner: Denoising) -> None:
    executor, inputs = openvino(runner), example(runner.family, 2)
    wanted = executor._otherwise(*inputs)
    assert torch.allclose(executor(*inputs), wanted, atol=1e-4 * float(wanted.abs().max()))
    assert runner.cap((4, 8, 8)) in (1, 2)


def test_it_compiles_at_the_first_attempt(runner: Denoising) -> None:
    """With its own fused kernels: without them a tick takes a sixth longer."""
    assert openvino(runner)._found(*NATIVE[1:])["options"] == compiling.OPTIONS[0]


def test_what_was_made_once_is_found_again(runner: Denoising, kind_folder: Path) -> None:
    (folder,) = (kind_folder.parent / "cache").iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = Denoising(openvino(runner)._config)
    assert openvino(again).wait(NATIVE)
    again.close()
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@torch.inference_mode()
def test_until_it_is_there_torch_runs(tiny_folder: Path, tmp_path: Path) -> None:
    runner = Denoising(config(tiny_folder, tmp_path))
    executor, inputs = openvino(runner), example(runner.family, 2)
    assert torch.equal(executor(*inputs), executor._otherwise(*inputs))
    runner.close()


@torch.inference_mode()
def test_where_it_crashes_torch_goes_on(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes that convert and try out end at once; the server's does not."""
    monkeypatch.setattr("generation.engine.openvino.sys.executable", "/bin/false")
    runner = Denoising(config(tiny_folder, tmp_path))
    executor, inputs = openvino(runner), example(runner.family, 2)
    assert not executor.wait(NATIVE)
    assert torch.equal(executor(*inputs), executor._otherwise(*inputs))
    runner.close()


def test_it_reports_nothing_over_the_network() -> None:
    assert compiling.openvino is not None
    assert sys.modules["openvino_telemetry"] is None


def test_a_size_that_it_cannot_do_stays_with_torch(runner: Denoising) -> None:
    """The trace knows the native size's way to scale up, and 9 cannot be halved."""
    executor = openvino(runner)
    _, timesteps, rows = example(runner.family, 2)
    odd = torch.randn(2, runner.family.in_channels, 9, 9)
    with torch.inference_mode():
        wanted = executor._otherwise(odd, timesteps, rows)
        executor.wait((2, 9, 9))
        assert np.abs(executor(odd, timesteps, rows) - wanted).max() < 1e-3


def config(model: Path, folder: Path) -> EngineConfig:
    return EngineConfig(
        model=str(model),
        device="cpu",
        num_threads=1,
        executor=ExecutorName.AUTO,
        buckets=(1, 2),
        cache_dir=folder / "cache",
    )
