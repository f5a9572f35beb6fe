"""The process's one engine, behind a getter.

Importing this package loads neither torch nor diffusers: the configuration names the engine and its runner,
which are imported when they are needed, as Django does with its mail backends. A web process therefore starts
at once, and one that never draws never pays for torch.
"""

import os
from pkgutil import resolve_name
from threading import Lock

from generation.engine.config import EngineConfig, ModelFacts
from generation.engine.engine import Engine, EngineState

__all__ = [
    "Engine",
    "EngineConfig",
    "EngineState",
    "ModelFacts",
    "configure",
    "get_engine",
    "reset_engine",
    "running_engine",
]

# How long torch's threads (GNU OpenMP) spin for more work before they sleep: 0.6 ms instead of 9. Between a picture
# that torch decoded and the tick that OpenVINO runs next, they only keep a core busy. It is read when torch is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

_lock = Lock()
_config: EngineConfig | None = None
_engine: Engine | None = None


def configure(config: EngineConfig) -> None:
    """Say which engine `get_engine` is to make. An engine that already runs is left alone."""
    global _config
    with _lock:
        _config = config


def get_engine() -> Engine:
    """The running engine; the first call starts it, and its model then loads in the background."""
    global _engine
    with _lock:
        if _engine is None:
            if _config is None:
                raise RuntimeError("configure() must be called before get_engine().")
            # Ours, or one with the same interface.
            _engine = resolve_name(_config.engine)(_config)
            _engine.start()
        return _engine


def running_engine() -> Engine | None:
    """The engine, if this process has begun to run one."""
    return _engine


def reset_engine() -> None:
    """Stop the engine; the next `get_engine` makes a new one."""
    global _engine
    with _lock:
        engine, _engine = _engine, None
    if engine is not None:
        engine.stop()
