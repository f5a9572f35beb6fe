"""What the servers would otherwise make in the background while they are measured."""

from generation.benchmark.models import load_or_build
from generation.engine.config import EngineConfig
from generation.engine.example import native_latent
from generation.engine.executor import make_executor
from generation.engine.openvino import OpenVinoExecutor

ROWS = 2


def prepare(config: EngineConfig) -> None:
    """Convert the model for OpenVINO and time its buckets, where it is used, as a server's first start does."""
    family = load_or_build(config).family
    executor = make_executor(family, config)
    if isinstance(executor, OpenVinoExecutor):
        executor.wait((ROWS, *native_latent(family)))
    executor.close()
