"""A converted model compiled for a size. As a program it tries a size out and notes what it found:

    python -m generation.engine.compiling FOLDER HEIGHT WIDTH ATTEMPT PRECISION THREADS BUCKET...

Some versions of OpenVINO crash on some processors when they compile; that way they do not crash the service.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

# OpenVINO reports every import over the network, unless its telemetry package is not to be had.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import numpy as np
import openvino

from generation.engine.paying import most_paying

MODEL = "unet.xml"
# In the order in which they are tried. Snippets are kernels that OpenVINO fuses itself, and what has crashed so far.
OPTIONS: tuple[dict[str, str], ...] = ({}, {"SNIPPETS_MODE": "DISABLE"})
# Rows, and the height and width of the latent.
Size = tuple[int, int, int]


class Compiled:
    """A model compiled for some rows, a part of which each of its streams runs beside the others."""

    def __init__(self, model: Any, streams: int) -> None:
        self._requests = [model.create_infer_request() for _ in range(streams)]

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """The output for all rows of the inputs by name."""
        parts = {name: np.split(array, len(self._requests)) for name, array in inputs.items()}
        for number, request in enumerate(self._requests):
            part = {name: arrays[number] for name, arrays in parts.items()}
            request.start_async(part, share_inputs=True)
        for request in self._requests:
            request.wait()
        return np.concatenate([request.get_output_tensor(0).data for request in self._requests])


class Model:
    """A converted model, to be compiled for the sizes that are needed. `precision` is `f32` or `bf16`."""

    def __init__(self, folder: Path, precision: str, threads: int) -> None:
        self._core = openvino.Core()
        self._path = folder / MODEL
        self._properties = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": str(threads),
            # A pinned thread would keep torch's threads, which decode, on its core.
            "ENABLE_CPU_PINNING": "NO",
        }
        self._threads = threads

    def compile(self, size: Size, options: Mapping[str, str]) -> Compiled:
        """For `size`, in as many streams as can share its rows: cores that do not wait for each other."""
        streams = max(count for count in range(1, self._threads + 1) if size[0] % count == 0)
        model = self._core.read_model(self._path)
        shapes = {port: port.partial_shape for port in model.inputs}
        for port, shape in shapes.items():
            shape[0] = size[0] // streams
            if port.any_name == "sample":
                shape[2], shape[3] = size[1:]
        model.reshape(shapes)
        properties = self._properties | {"NUM_STREAMS": str(streams)} | dict(options)
        return Compiled(self._core.compile_model(model, "CPU", properties), streams)

    def ones(self, size: Size) -> dict[str, np.ndarray]:
        """Inputs of `size`, to try it with."""
        inputs = {}
        for port in self._core.read_model(self._path).inputs:
            shape = [axis.get_length() if axis.is_static else 0 for axis in port.partial_shape]
            shape[0] = size[0]
            if port.any_name == "sample":
                shape[2], shape[3] = size[1:]
            inputs[port.any_name] = np.ones(shape, np.float32)
        return inputs


def note(folder: Path, height: int, width: int, precision: str) -> Path:
    """The file that says what trying out a size has shown."""
    return folder / f"{height}x{width}-{precision}.json"


def try_out(model: Model, height: int, width: int, options: Mapping[str, str], buckets: Sequence[int]) -> int:
    """Compile and run a size for each bucket; the bucket from which on rows get no cheaper."""

    def prepare(bucket: int) -> Callable[[], np.ndarray]:
        size = (bucket, height, width)
        return partial(model.compile(size, options), model.ones(size))

    return most_paying(buckets, prepare, perf_counter)


def main(
    folder: str, height: str, width: str, attempt: str, precision: str, threads: str, *buckets: str
) -> None:
    os.nice(19)
    options = OPTIONS[int(attempt)]
    model = Model(Path(folder), precision, int(threads))
    cap = try_out(model, int(height), int(width), options, [int(bucket) for bucket in buckets])
    path = note(Path(folder), int(height), int(width), precision)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"options": options, "cap": cap}), encoding="utf-8")
    unfinished.rename(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
