"""The ceiling: a script that draws a full batch of pictures, with nothing of a service around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from generation.engine.config import EngineConfig
from generation.engine.denoising import Denoising
from generation.engine.openvino import OpenVinoExecutor
from generation.params import GenerationParams

WARM_UPS = 3


@dataclass(frozen=True, slots=True)
class BareFigures:
    """Seconds for the whole batch, and for one call of the UNet in it."""

    seconds: float
    call_seconds: float


class BareLoop:
    """Reads the prompts, calls the UNet once a step for all rows with one fused update, decodes."""

    def __init__(self, config: EngineConfig) -> None:
        """Load a model. What is measured runs in this thread."""
        self._runner = Denoising(config)
        self._executor, self._family = self._runner.executor, self._runner.family
        self._requests: Sequence[GenerationParams] = ()

    def full_tick(self, params: GenerationParams) -> int:
        """How many pictures like `params` make a tick as full as pays; waits until the executor has found out."""
        rows = self._rows_of_picture(params)
        self._wait(rows, params)
        return max(1, self._executor.native_cap // rows)

    def take(self, requests: Sequence[GenerationParams]) -> None:
        """Warm up for requests that are alike but for prompt and seed, one picture each."""
        self._requests, self._first = requests, requests[0]
        scale = self._family.vae_scale_factor
        self._shape = (self._family.latent_channels, self._first.height // scale, self._first.width // scale)
        self._wait(len(requests) * self._rows_of_picture(self._first), self._first)
        for _ in range(WARM_UPS):
            self.run()

    def close(self) -> None:
        self._runner.close()

    @torch.inference_mode()
    def run(self) -> BareFigures:
        start = perf_counter()
        rows, latents = self._read(), torch.randn(len(self._requests), *self._shape).to(self._family.device)
        begin = self._now()
        for step in range(self._first.num_inference_steps):
            latents = self._step(latents, step, rows)
        loop = self._now() - begin
        for latent in latents:
            self._family.to_bytes(self._family.decode(latent[None])).cpu()
        return BareFigures(self._now() - start, loop / self._first.num_inference_steps)

    @torch.inference_mode()
    def flops_per_image(self) -> int:
        """Of the UNet in all steps, and of the decoder; a multiplication with its addition counts as two."""
        latent = torch.randn(1, *self._shape).to(self._family.device)
        rows = {name: tensor[:1] for name, tensor in self._read().items()}
        timesteps = torch.full((1,), 500.0, device=self._family.device)
        counter = FlopCounterMode(display=False)
        with sdpa_kernel(SDPBackend.MATH), counter:
            self._family.denoiser(latent, timesteps, **rows)
        step = counter.get_total_flops()
        with sdpa_kernel(SDPBackend.MATH), counter:
            self._family.decode(latent)
        return (
            self._rows_of_picture(self._first) * self._first.num_inference_steps * step
            + counter.get_total_flops()
        )

    def _read(self) -> dict[str, torch.Tensor]:
        """What each row is told, [R, …]: all the negative prompts' rows, then all the positive ones'."""
        texts = list(
            dict.fromkeys(text for one in self._requests for text in (one.prompt, one.negative_prompt))
        )
        readings = dict(zip(texts, self._family.read(texts), strict=True))
        members = [self._family.rows(params, readings) for params in self._requests]
        rows = [row for side in zip(*members, strict=True) for row in side]
        return {name: torch.stack([row[name] for row in rows]) for name in self._family.row_names}

    def _step(self, latents: torch.Tensor, step: int, rows: dict[str, torch.Tensor]) -> torch.Tensor:
        count = len(next(iter(rows.values())))
        sample = latents.repeat(count // len(latents), 1, 1, 1)
        timesteps = torch.full((count,), 999.0 - step, device=latents.device)
        output = self._executor(sample, timesteps, rows)
        negative, positive = output[: len(latents)], output[-len(latents) :]
        guided = negative + self._first.guidance_scale * (positive - negative)
        return torch.add(0.98 * latents, guided, alpha=-0.02)

    def _now(self) -> float:
        if self._family.device.type == "cuda":
            torch.cuda.synchronize()
        return perf_counter()

    def _rows_of_picture(self, params: GenerationParams) -> int:
        return 2 if self._family.guided(params) else 1

    def _wait(self, rows: int, params: GenerationParams) -> None:
        """Until OpenVINO, which compiles in the background, is there."""
        if isinstance(self._executor, OpenVinoExecutor):
            scale = self._family.vae_scale_factor
            self._executor.wait((rows, params.height // scale, params.width // scale))
