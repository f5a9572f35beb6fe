"""Who takes part: under which name, by which engine, with which settings."""

from dataclasses import dataclass, field

import torch

CONTENDERS = "generation.benchmark.contenders"


@dataclass(frozen=True, slots=True)
class Contender:
    """`engine` names a class with the engine's interface; `settings` go into the server's environment.

    Charts show those who draw.
    """

    name: str
    title: str
    engine: str
    settings: dict[str, str] = field(default_factory=dict)
    draws: bool = True


ROSTER = {
    contender.name: contender
    for contender in (
        Contender("locked", "stock pipeline, a lock", f"{CONTENDERS}.Locked"),
        Contender("fast-locked", "the same, its UNet in OpenVINO or compiled", f"{CONTENDERS}.FastLocked"),
        Contender("windowed", "equal requests within 20 ms in one call", f"{CONTENDERS}.Windowed"),
        Contender("ours", "ours", f"{CONTENDERS}.Ours"),
        Contender("ours-bf16", "ours, bfloat16", f"{CONTENDERS}.Ours", {"SD_DTYPE": "bfloat16"}),
        Contender("instant", "no drawing: all that is around it", f"{CONTENDERS}.Instant", draws=False),
        Contender("ours-compiled", "ours, compiled", f"{CONTENDERS}.Ours", {"SD_EXECUTOR": "compiled"}),
    )
}


def usual() -> list[str]:
    """Those who take part unless others are named: a GPU draws in half precision anyway."""
    last = "ours-compiled" if torch.cuda.is_available() else "ours-bf16"
    return ["locked", "fast-locked", "windowed", "ours", last, "instant"]
