"""What an engine is told before it starts, and what it tells about the model it loaded. Plain values only."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from generation.params import RequestType, SchedulerName

BUCKETS = (1, 2, 4, 6, 8, 12, 16, 24, 32)


class ExecutorName(StrEnum):
    """How one UNet call runs; `auto` is OpenVINO on a CPU and torch elsewhere."""

    AUTO = "auto"
    TORCH = "torch"
    COMPILED = "compiled"
    OPENVINO = "openvino"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Resolved once from the settings and handed in.

    `model` is a diffusers folder, a `.safetensors` file, or `owner/name@<40 hex digits>` on the hub;
    `model_config` is the diffusers folder that tells the architecture of a single file. `device` and `dtype`
    may be `auto`. `max_waiting` bounds the requests that were not yet begun. `max_rows` bounds the rows of a
    tick, which are measured when it is None; `buckets` are the numbers of rows that a tick is padded to.
    `cache_dir` keeps what is made once from a model. `tiny_decoder` is the folder of an `AutoencoderTiny` for
    previews, and with `tiny_pictures` for the pictures as well. After `tick_timeout` seconds a tick counts as
    stuck. `engine` and `runner` are dotted names of classes, `loader` is that of what
    loads the model: named and not imported, so that nothing but the engine's thread loads torch.
    """

    model: str
    model_config: Path | None = None
    device: str = "auto"
    dtype: str = "auto"
    executor: ExecutorName = ExecutorName.AUTO
    num_threads: int | None = None
    max_waiting: int = 256
    max_rows: int | None = None
    buckets: tuple[int, ...] = BUCKETS
    tick_timeout: float = 120.0
    cache_dir: Path | None = None
    tiny_decoder: Path | None = None
    tiny_pictures: bool = False
    engine: str = "generation.engine.engine.Engine"
    runner: str = "generation.engine.denoising.Denoising"
    loader: str = "generation.engine.loading.load_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The loaded model: its name, native size in pixels, and values for what a request leaves out."""

    name: str
    family: str
    native_width: int
    native_height: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: SchedulerName
    request_types: tuple[RequestType, ...]
    device: str
    dtype: str
