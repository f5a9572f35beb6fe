"""A converted model compiled for a size. As a program it tries a size out and notes what it found:

    python -m generation.engine.compiling FOLDER HEIGHT WIDTH ATTEMPT PRECISION THREADS BUCKET...

Some versions of OpenVINO crash on some processors when they compile; that way they do not crash the service.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

# OpenVINO reports every import over the network, unless its telemetry package is not to be had.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import numpy as np
import openvino

from generation.engine.paying import most_paying

MODEL = "unet.xml"
# In the order in which they are tried. Snippets are kernels that OpenVINO fuses itself: with them, 2026.4.1
# crashes on processors with no more than AVX2 when it compiles a UNet for a fixed size.
OPTIONS: tuple[dict[str, str], ...] = ({}, {"SNIPPETS_MODE": "DISABLE"})
# Rows, and the height and width of the latent.
Size = tuple[int, int, int]


class Model:
    """A converted model, to be compiled for the sizes that are needed. `precision` is `f32` or `bf16`."""

    def __init__(self, folder: Path, precision: str, threads: int) -> None:
        self._core = openvino.Core()
        self._path = folder / MODEL
        self._properties = {
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": str(threads),
            "ENABLE_CPU_PINNING": "NO",
        }

    def compile(self, size: Size, options: Mapping[str, str]) -> Any:
        """An inference request for `size`."""
        model = self._core.read_model(self._path)
        shapes = {port: port.partial_shape for port in model.inputs}
        for port, shape in shapes.items():
            shape[0] = size[0]
            if port.any_name == "sample":
                shape[2], shape[3] = size[1:]
        model.reshape(shapes)
        return self._core.compile_model(model, "CPU", self._properties | dict(options)).create_infer_request()


def note(folder: Path, height: int, width: int) -> Path:
    """The file that says what trying out a size has shown."""
    return folder / f"{height}x{width}.json"


def try_out(model: Model, height: int, width: int, options: Mapping[str, str], buckets: Sequence[int]) -> int:
    """Compile and run a size for each bucket; the bucket from which on rows get no cheaper."""

    def run(bucket: int) -> Any:
        request = model.compile((bucket, height, width), options)
        inputs = {
            port.any_name: np.ones(port.shape, np.float32) for port in request.get_compiled_model().inputs
        }
        return lambda: request.infer(inputs, share_inputs=True, share_outputs=True)

    return most_paying(buckets, run, perf_counter)


def main(
    folder: str, height: str, width: str, attempt: str, precision: str, threads: str, *buckets: str
) -> None:
    os.nice(19)
    options = OPTIONS[int(attempt)]
    model = Model(Path(folder), precision, int(threads))
    cap = try_out(model, int(height), int(width), options, [int(bucket) for bucket in buckets])
    path = note(Path(folder), int(height), int(width))
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"options": options, "cap": cap}), encoding="utf-8")
    unfinished.rename(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
