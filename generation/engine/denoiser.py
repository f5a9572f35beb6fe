"""The UNet as the engine calls it."""

import torch
from torch import nn


class Denoiser(nn.Module):
    """The UNet as one function of tensors: float32 in and out, whatever it computes in."""

    def __init__(self, unet: nn.Module) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        text_embeds: torch.Tensor | None = None,
        time_ids: torch.Tensor | None = None,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The output [R, C, h, w] for `sample` [R, Cin, h, w], `timestep` [R] and the stacked rows."""
        added = None if text_embeds is None else {"text_embeds": text_embeds, "time_ids": time_ids}
        output = self.unet(
            sample.to(encoder_hidden_states.dtype),
            timestep,
            encoder_hidden_states=encoder_hidden_states,
            timestep_cond=timestep_cond,
            added_cond_kwargs=added,
            return_dict=False,
        )
        return output[0].float()
