"""The CPU's way to run a UNet: OpenVINO, compiled for each bucket and size. Torch runs until it is there."""

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import torch

from generation.engine import compiling, conversion
from generation.engine.compiling import OPTIONS, Compiled, Model, Size
from generation.engine.config import EngineConfig
from generation.engine.example import native_latent
from generation.engine.families import Family

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]


class OpenVinoExecutor:
    """Runs what is compiled. A thread in the background compiles what was asked for, and `otherwise` runs the rest.

    Converting, and trying a size for the first time, happen in processes of their own.
    """

    def __init__(self, family: Family, config: EngineConfig, otherwise: Any) -> None:
        assert config.cache_dir is not None
        self.native_cap: int = otherwise.native_cap
        self._otherwise = otherwise
        self._config = config
        self._native = native_latent(family)
        self._folder = config.cache_dir / conversion.fingerprint(family)
        self._precision = "bf16" if config.dtype == "bfloat16" else "f32"
        self._threads = torch.get_num_threads()
        self._compiled: dict[Size, Compiled | None] = {}
        self._asked: set[Size] = set()
        self._wanted: SimpleQueue[Size | None] = SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._thread = Thread(target=self._prepare, name="openvino", daemon=True)
        self._thread.start()

    def __call__(
        self, sample: torch.Tensor, timesteps: torch.Tensor, rows: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        size = (len(sample), sample.shape[2], sample.shape[3])
        compiled = self._compiled.get(size)
        if compiled is None:
            self._ask(size)
            return self._otherwise(sample, timesteps, rows)
        inputs = {"sample": sample, "timestep": timesteps} | dict(rows)
        arrays = {name: tensor.contiguous().numpy() for name, tensor in inputs.items()}
        return torch.from_numpy(compiled(arrays))

    def wait(self, size: Size) -> bool:
        """Ask for a size and wait until it is compiled, or cannot be; say whether it is."""
        self._ask(size)
        while self._thread.is_alive() and size not in self._compiled:
            self._thread.join(0.05)
        return self._compiled.get(size) is not None

    def close(self) -> None:
        self._closed = True
        self._wanted.put(None)
        if self._child is not None:
            self._child.kill()
        self._thread.join()

    def _ask(self, size: Size) -> None:
        if size not in self._asked:
            self._asked.add(size)
            self._wanted.put(size)

    def _prepare(self) -> None:
        """The background thread. Whatever fails here leaves the work to torch."""
        try:
            if not self._folder.exists():
                self._run(conversion, str(self._folder), conversion.describe(self._config))
            if self._folder.exists():
                self._compile_what_is_wanted()
        except Exception:
            logger.exception("OpenVINO cannot be used; torch goes on")

    def _compile_what_is_wanted(self) -> None:
        model = Model(self._folder, self._precision, self._threads)
        cap = self._found(*self._native).get("cap")
        if cap is not None:
            self.native_cap = self._config.max_rows or cap
            logger.info("OpenVINO is ready, up to %d rows a tick", self.native_cap)
        while (size := self._wanted.get()) is not None:
            options = self._found(*size[1:]).get("options")
            self._compiled[size] = model.compile(size, options) if options is not None else None

    def _found(self, height: int, width: int) -> dict[str, Any]:
        """What trying out this size has shown. It is tried where it was not yet, natively for all buckets."""
        path = compiling.note(self._folder, height, width, self._precision)
        buckets = self._config.buckets if (height, width) == self._native else (2,)
        for attempt in range(len(OPTIONS)):
            if not path.exists() and not self._closed:
                settings = (attempt, self._precision, self._threads, *buckets)
                self._run(compiling, str(self._folder), str(height), str(width), *map(str, settings))
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _run(self, module: Any, *arguments: str) -> None:
        """Run a module as a program, and wait for its end."""
        command = [sys.executable, "-m", module.__name__, *arguments]
        self._child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, errors = self._child.communicate()
        if self._child.returncode and not self._closed:
            last = errors.decode(errors="replace").strip().rpartition("\n")[2]
            logger.warning(
                "%s ended with %d, and not this process: %s", command[2], self._child.returncode, last
            )
