"""From a torch UNet to an OpenVINO model on disk. As a program:

python -m generation.engine.conversion FOLDER MODEL
"""

import hashlib
import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import torch

from generation.engine.compiling import MODEL, openvino
from generation.engine.config import EngineConfig, ExecutorName
from generation.engine.example import example
from generation.engine.families import Family
from generation.engine.loading import LoadedModel

SAMPLED = 4096
# Raised whenever `convert` makes another model of the same weights.
REVISION = 2


def fingerprint(family: Family) -> str:
    """A name for the converted model: of its architecture, a sample of its weights, and who converts it."""
    digest = hashlib.sha256(f"{version('openvino')} {REVISION}".encode())
    for name, tensor in family.denoiser.state_dict().items():
        stride = max(1, tensor.numel() // SAMPLED)
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten()[::stride].float().numpy().tobytes())
    return f"openvino-{digest.hexdigest()[:16]}"


def convert(family: Family, folder: Path) -> None:
    """Trace the denoiser, and save it with rows and latent size left open. `folder` appears when all is there."""
    sample, timesteps, rows = example(family, 2)
    inputs = {"sample": sample, "timestep": timesteps} | rows
    with torch.no_grad():
        model = openvino.convert_model(family.denoiser, example_input=inputs)
    _split_before_widening(model)
    shapes = {name: [-1, *tensor.shape[1:]] for name, tensor in inputs.items()}
    shapes["sample"][2:] = [-1, -1]
    ports = {name: port for name in inputs for port in model.inputs if name in port.names}
    for name, port in ports.items():
        port.get_tensor().set_names({name})
    model.reshape({port: openvino.PartialShape(shapes[name]) for name, port in ports.items()})
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    openvino.save_model(model, unfinished / MODEL, compress_to_fp16=False)
    try:
        unfinished.rename(folder)
    except OSError:
        # Another process was quicker, and its result is as good.
        shutil.rmtree(unfinished)


def _split_before_widening(model: Any) -> None:
    """Let what is widened from [R, 2C] to [R, 2C, 1, 1] and then halved be halved before it is widened.

    That is how a resnet with `scale_shift` takes its timestep in. The result is the same, but OpenVINO 2026.4.1
    crashes on the first form when it compiles for float32 with its snippets, which are worth a sixth of the time.
    """
    ops = openvino.opset13
    for split in filter(_halves_channels, model.get_ordered_ops()):
        narrow = _before_widening(split.input_value(0))
        if narrow is None or len(narrow.get_partial_shape()) != 2:
            continue
        halves = ops.split(narrow, ops.constant(np.int64(1)), 2)
        for old, half in zip(split.outputs(), halves.outputs(), strict=True):
            wide = ops.unsqueeze(half, ops.constant(np.array([2, 3], np.int64)))
            for reader in old.get_target_inputs():
                reader.replace_source_output(wide.output(0))
    model.validate_nodes_and_infer_types()


def _halves_channels(node: Any) -> bool:
    if node.get_type_name() not in ("Split", "VariadicSplit") or node.get_output_size() != 2:
        return False
    shapes = [port.get_partial_shape() for port in (node.input_value(0), *node.outputs())]
    if any(shape.rank.is_dynamic or len(shape) != 4 or shape[1].is_dynamic for shape in shapes):
        return False
    whole, *halves = (shape[1].get_length() for shape in shapes)
    return all(2 * half == whole for half in halves)


def _before_widening(output: Any) -> Any:
    """What two steps of `Unsqueeze` led to `output`; None where it came about otherwise."""
    for _ in range(2):
        node = output.get_node()
        if node.get_type_name() != "Unsqueeze":
            return None
        output = node.input_value(0)
    return output


def describe(config: EngineConfig) -> str:
    """What another process needs to load the same model, as JSON."""
    model_config = config.model_config and str(config.model_config)
    return json.dumps({"model": config.model, "model_config": model_config, "loader": config.loader})


def _load(description: str) -> Family:
    values = json.loads(description)
    model_config = values["model_config"] and Path(values["model_config"])
    config = EngineConfig(
        model=values["model"],
        loader=values["loader"],
        model_config=model_config,
        device="cpu",
        dtype="float32",
        executor=ExecutorName.TORCH,
    )
    loaded: LoadedModel = resolve_name(config.loader)(config)
    return loaded.family


if __name__ == "__main__":
    os.nice(19)
    convert(_load(sys.argv[2]), Path(sys.argv[1]))
