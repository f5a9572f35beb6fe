"""A UNet's `forward` for the stock pipelines that hands its work to an executor of the engine."""

from collections.abc import Mapping
from typing import Any

import torch

from generation.engine.executor import Executor


class ExecutedUNet:
    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __call__(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
        added_cond_kwargs: Mapping[str, torch.Tensor] | None = None,
        **_others: Any,
    ) -> tuple[torch.Tensor]:
        """As the pipelines call it, in a tuple: the output [R, C, h, w] for a sample [R, C', h, w]."""
        rows = {"encoder_hidden_states": encoder_hidden_states, **(added_cond_kwargs or {})}
        if timestep_cond is not None:
            rows["timestep_cond"] = timestep_cond
        timesteps = timestep.to(sample.device, torch.float32).expand(len(sample))
        # Schedulers keep the output, which the executor's next call may overwrite.
        output = self._executor(sample.float(), timesteps.contiguous(), rows).clone()
        return (output.to(sample.dtype),)
