"""The arithmetic of a tick: one expression takes all its members a step further, whatever their schedulers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from generation.engine.rack import (
    CARRY,
    IMAGE,
    LATENT,
    MASK,
    NOISE,
    START_NOISE,
    Rack,
    latent_slot,
    output_slot,
)
from generation.engine.state import State, Terms

Predict = Callable[[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]], torch.Tensor]


class Layout:
    """What stays the same as long as the same members run in the same bucket: who has which row."""

    def __init__(self, states: Sequence[State], bucket: int, device: torch.device) -> None:
        self.states = tuple(states)
        owners = [index for index, state in enumerate(states) for _ in state.rows]
        rows = [row for state in states for row in state.rows]
        padding = bucket - len(rows)
        last = torch.tensor([len(state.rows) for state in states]).cumsum(0) - 1
        first = last - torch.tensor([len(state.rows) - 1 for state in states])
        self.owners = torch.tensor(owners + [0] * padding, device=device)
        self.positive, self.negative = last.to(device), first.to(device)
        self.guidance = torch.tensor([[state.guidance] for state in states], device=device)
        self.rows = {name: torch.stack([row[name] for row in rows + rows[:1] * padding]) for name in rows[0]}
        self.extra = None
        if states[0].extra is not None:
            self.extra = torch.cat([state.extra for state in states if state.extra is not None])[self.owners]


class Stepping:
    """Steps the members whose latents lie in one rack. `predict(sample, timesteps, rows)` is the denoiser."""

    def __init__(self, rack: Rack, predict: Predict) -> None:
        self._rack = rack
        self._predict = predict
        self._device = rack.flat.device
        self._layouts: dict[int, Layout] = {}

    @torch.inference_mode()
    def step(self, states: Sequence[State], steps: Sequence[int], bucket: int) -> None:
        """Take each state from step `k` to `k + 1`. Nothing that counts is written before all is computed."""
        layout = self._layout(states, bucket)
        latents = self._gather(
            [state.base + latent_slot(step) for state, step in zip(states, steps, strict=True)]
        )
        outputs = self._denoise(layout, latents, steps)
        self._scatter(_slots(states, steps, output_slot), outputs)
        self._draw(states, steps)
        following = self._combine(
            states, [state.terms(step) for state, step in zip(states, steps, strict=True)]
        )
        self._step_stock(states, steps, latents, outputs, following)
        self._blend(states, steps, following)
        self._carry(states, steps)
        self._scatter(_slots(states, [step + 1 for step in steps], latent_slot), following)

    def _layout(self, states: Sequence[State], bucket: int) -> Layout:
        layout = self._layouts.get(bucket)
        if layout is None or layout.states != tuple(states):
            layout = self._layouts[bucket] = Layout(states, bucket, self._device)
        return layout

    def _denoise(self, layout: Layout, latents: torch.Tensor, steps: Sequence[int]) -> torch.Tensor:
        """The guided model outputs [N, D] of latents [N, D]."""
        plans = [state.plan for state in layout.states]
        scales = self._tensor([plan.input_scale[step] for plan, step in zip(plans, steps, strict=True)])
        times = self._tensor([plan.timesteps[step] for plan, step in zip(plans, steps, strict=True)])
        sample = (latents * scales[:, None])[layout.owners].view(-1, *self._rack.shape)
        if layout.extra is not None:
            sample = torch.cat([sample, layout.extra], dim=1)
        predicted = self._predict(sample, times[layout.owners], layout.rows).flatten(1)
        positive, negative = predicted[layout.positive], predicted[layout.negative]
        return negative + layout.guidance * (positive - negative)

    def _draw(self, states: Sequence[State], steps: Sequence[int]) -> None:
        """Fresh noise for those whose scheduler takes some at this step."""
        drawing = [
            state
            for state, step in zip(states, steps, strict=True)
            if state.scheduler is None and state.plan.draws[step]
        ]
        if drawing:
            shape = (1, *self._rack.shape)
            noise = torch.cat([torch.randn(shape, generator=state.generator) for state in drawing])
            self._scatter([state.base + NOISE for state in drawing], noise.flatten(1).to(self._device))

    def _combine(self, states: Sequence[State], sums: Sequence[Terms]) -> torch.Tensor:
        """The sum of its terms for each state: [N, D].

        Products are added up one after the other, so that each element gets the same bits whatever its neighbours.
        A shorter sum is filled up with the state's own latent, times zero: no neighbour's NaN can enter.
        """
        length = max(1, *(len(terms) for terms in sums))
        filled = [[*terms, *[(LATENT, 0.0)] * (length - len(terms))] for terms in sums]
        slots = [state.base + slot for state, terms in zip(states, filled, strict=True) for slot, _ in terms]
        coefficients = self._tensor([[coefficient for _, coefficient in terms] for terms in filled])
        products = self._gather(slots).view(len(states), length, -1) * coefficients[:, :, None]
        total = products[:, 0]
        for term in range(1, length):
            total = total + products[:, term]
        return total

    def _step_stock(
        self,
        states: Sequence[State],
        steps: Sequence[int],
        latents: torch.Tensor,
        outputs: torch.Tensor,
        following: torch.Tensor,
    ) -> None:
        """Those without a table step with a scheduler of their own."""
        for index, (state, step) in enumerate(zip(states, steps, strict=True)):
            if state.scheduler is not None:
                shape = (1, *self._rack.shape)
                output, latent = outputs[index].view(shape), latents[index].view(shape)
                state.scheduler.scale(step, latent)
                following[index] = state.scheduler.step(step, output, latent, state.generator).flatten()

    def _blend(self, states: Sequence[State], steps: Sequence[int], following: torch.Tensor) -> None:
        """Put the image, as noisy as the step leaves it, back outside the mask."""
        blended = [index for index, state in enumerate(states) if state.blended]
        if not blended:
            return
        bases = [states[index].base for index in blended]
        known = self._tensor([states[index].plan.known[steps[index]] for index in blended])
        image = self._gather([base + IMAGE for base in bases]) * known[:, :1]
        image += self._gather([base + START_NOISE for base in bases]) * known[:, 1:]
        mask = self._gather([base + MASK for base in bases])
        index = torch.tensor(blended, device=self._device)
        following[index] = (1 - mask) * image + mask * following[index]

    def _carry(self, states: Sequence[State], steps: Sequence[int]) -> None:
        pairs = [
            (state, terms)
            for state, step in zip(states, steps, strict=True)
            if (terms := state.carry_terms(step))
        ]
        if pairs:
            carrying = [state for state, _ in pairs]
            carried = self._combine(carrying, [terms for _, terms in pairs])
            self._scatter([state.base + CARRY for state in carrying], carried)

    def _gather(self, slots: Sequence[int]) -> torch.Tensor:
        return self._rack.flat.index_select(0, self._index(slots))

    def _scatter(self, slots: Sequence[int], values: torch.Tensor) -> None:
        self._rack.flat.index_copy_(0, self._index(slots), values)

    def _index(self, slots: Sequence[int]) -> torch.Tensor:
        return self._send(torch.tensor(slots))

    def _tensor(self, numbers: Any) -> torch.Tensor:
        return self._send(torch.tensor(np.asarray(numbers, dtype=np.float32)))

    def _send(self, tensor: torch.Tensor) -> torch.Tensor:
        """To the device, without waiting for it."""
        if self._device.type == "cuda":
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor


def _slots(states: Sequence[State], steps: Sequence[int], slot: Callable[[int], int]) -> list[int]:
    return [state.base + slot(step) for state, step in zip(states, steps, strict=True)]
