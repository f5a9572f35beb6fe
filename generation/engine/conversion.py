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

import torch

from generation.engine.compiling import MODEL, openvino
from generation.engine.config import EngineConfig, ExecutorName
from generation.engine.example import example
from generation.engine.families import Family
from generation.engine.loading import LoadedModel

SAMPLED = 4096


def fingerprint(family: Family) -> str:
    """A name for the converted model: of its architecture, a sample of its weights, and OpenVINO's version."""
    digest = hashlib.sha256(version("openvino").encode())
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
