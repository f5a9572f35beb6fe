"""What an engine is told before it starts, and what it tells about the model it loaded. Plain values only."""

from dataclasses import dataclass
from pathlib import Path

from generation.params import SchedulerName


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Resolved once from the settings and handed in.

    `model` is a diffusers folder, a `.safetensors` file, or `owner/name@<40 hex digits>` on the hub;
    `model_config` is the diffusers folder that tells the architecture of a single file. `device` and `dtype`
    may be `auto`. `max_waiting` bounds the requests that wait for the running one. `executor` is the dotted
    name of the class that draws: named and not imported, so that nothing but the engine's thread loads torch.
    """

    model: str
    model_config: Path | None = None
    device: str = "auto"
    dtype: str = "auto"
    max_waiting: int = 256
    num_threads: int | None = None
    executor: str = "generation.engine.executor.PipelineExecutor"


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
    device: str
    dtype: str
