"""How a picture was made: what its file tells, so that it can be drawn again and is known for what it is."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from generation.api.samplers import SAMPLERS
from generation.params import GenerationParams

# What would end a value where programs read them from one line.
TO_BE_QUOTED = re.compile(r"[,:\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """The making of one picture. `tells_prompts` says whether the prompts may be read by whoever has the file."""

    generation: UUID
    index: int
    seed: int
    model: str
    params: GenerationParams
    made_at: datetime
    tells_prompts: bool = True

    @property
    def prompt(self) -> str:
        """Empty where it is not told."""
        return self.params.prompt if self.tells_prompts else ""

    def facts(self) -> dict[str, Any]:
        """As a form could be filled in with them. Those of the prompts are left out where they are not told."""
        params = self.params
        prompts = {"prompt": params.prompt, "negative_prompt": params.negative_prompt}
        return {
            "generation": str(self.generation),
            "index": self.index,
            "request_type": params.request_type.value,
            **(prompts if self.tells_prompts else {}),
            "seed": self.seed,
            "num_inference_steps": params.num_inference_steps,
            "guidance_scale": params.guidance_scale,
            "scheduler": params.scheduler.value,
            "strength": params.strength,
            "width": params.width,
            "height": params.height,
            "model": self.model,
        }

    def in_words(self) -> str:
        """The lines that AUTOMATIC1111's web UI writes, and many programs read."""
        lines = [self.params.prompt] if self.tells_prompts else []
        if self.tells_prompts and self.params.negative_prompt:
            lines.append(f"Negative prompt: {self.params.negative_prompt}")
        return "\n".join([*lines, ", ".join(f"{name}: {value}" for name, value in self._values().items())])

    def _values(self) -> dict[str, object]:
        params = self.params
        values: dict[str, object] = {
            "Steps": params.num_inference_steps,
            "Sampler": SAMPLERS[params.scheduler].title,
            "CFG scale": f"{params.guidance_scale:g}",
            "Seed": self.seed,
            "Size": f"{params.width}x{params.height}",
            "Model": json.dumps(self.model) if TO_BE_QUOTED.search(self.model) else self.model,
        }
        return values if params.strength is None else values | {"Denoising strength": f"{params.strength:g}"}
