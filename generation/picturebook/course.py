"""A course: many small training steps with a progress bar, checkpoints to resume from, and a running average.

Every random choice of step *n* comes from a generator seeded with (seed, n), so a course that was interrupted
goes on as if nothing had happened.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

CHECKPOINT_EVERY = 250

# bfloat16 is twice as fast where the processor has units for it, and many times slower where it has not.
HAS_BFLOAT16 = any(torch.cpu.get_capabilities().get(unit) for unit in ("avx512_bf16", "amx_bf16"))


def cheaply() -> torch.autocast:
    """A context in which models compute in what is cheapest here."""
    return torch.autocast("cpu", torch.bfloat16, enabled=HAS_BFLOAT16)


@dataclass(frozen=True)
class Course:
    """What is the same at every step. `average`: decay of the running average of the weights, 0 for none."""

    name: str
    steps: int
    learning_rate: float
    seed: int
    folder: Path
    warm_up: int = 100
    average: float = 0.0
    weight_decay: float = 0.01

    @property
    def checkpoint(self) -> Path:
        return self.folder / f"{self.name}.pt"

    def generator(self, step: int) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed * 1_000_003 + step)

    def rate(self, step: int) -> float:
        """The learning rate's factor: a linear warm-up, then half a cosine down to 0."""
        if step < self.warm_up:
            return (step + 1) / self.warm_up
        return 0.5 * (1 + math.cos(math.pi * (step - self.warm_up) / max(1, self.steps - self.warm_up)))

    def run(self, module: nn.Module, loss_of: Callable[[int, torch.Generator], torch.Tensor]) -> None:
        """Train `module` until `steps` are done, from the checkpoint on; leave it averaged, in eval mode.

        `loss_of(step, generator)` returns the loss of one batch, a scalar.
        """
        state = _State(self, module)
        with tqdm(range(state.step, self.steps), desc=self.name, initial=state.step, total=self.steps) as bar:
            for step in bar:
                loss = loss_of(step, self.generator(step))
                state.advance(loss, step)
                if step % 20 == 0:
                    bar.set_postfix(loss=f"{state.smooth:.4f}")
                if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == self.steps:
                    state.save()
        state.finish()


class _State:
    """The optimizer, the running average and the counter of a course, as kept in its checkpoint."""

    def __init__(self, course: Course, module: nn.Module) -> None:
        self.course, self.module, self.step, self.smooth = course, module, 0, math.nan
        self.weights = [weight for weight in module.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.weights,
            course.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=course.weight_decay,
            foreach=True,
        )
        self.averages = [weight.detach().clone() for weight in self.weights]
        if course.checkpoint.exists():
            self._load(torch.load(course.checkpoint, weights_only=True))
        module.train()

    def _load(self, saved: Mapping[str, object]) -> None:
        self.module.load_state_dict(saved["module"])  # type: ignore[arg-type]
        self.optimizer.load_state_dict(saved["optimizer"])  # type: ignore[arg-type]
        self.averages = saved["averages"]  # type: ignore[assignment]
        self.step, self.smooth = saved["step"], saved["smooth"]  # type: ignore[assignment]

    def save(self) -> None:
        path = self.course.checkpoint
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "module": self.module.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "averages": self.averages,
                "step": self.step,
                "smooth": self.smooth,
            },
            path.with_suffix(".tmp"),
        )
        path.with_suffix(".tmp").replace(path)

    def advance(self, loss: torch.Tensor, step: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.course.learning_rate * self.course.rate(step)
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self._follow(step)
        value = loss.item()
        self.smooth = value if math.isnan(self.smooth) else 0.98 * self.smooth + 0.02 * value
        self.step = step + 1

    def _follow(self, step: int) -> None:
        """Move the running average; early on it forgets faster, so as not to remember the random start."""
        decay = min(self.course.average, (1 + step) / (10 + step)) if self.course.average else 0.0
        torch._foreach_lerp_(self.averages, [weight.detach() for weight in self.weights], 1 - decay)

    def finish(self) -> None:
        with torch.no_grad():
            for weight, average in zip(self.weights, self.averages, strict=True):
                weight.copy_(average)
        self.module.eval()
