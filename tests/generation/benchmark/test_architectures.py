"""The random models are as large as the published ones. They are built without memory, on the meta device."""

import pytest
import torch

from generation.benchmark.architectures import Architecture, LocalTokenizer, build_random
from generation.engine.schedulers import make_scheduler
from generation.params import SchedulerName


@pytest.mark.parametrize(("architecture", "millions"), [("sd15", 859.5), ("sdxl", 2567.5)])
def test_the_unet_has_the_published_size(architecture: str, millions: float) -> None:
    pipeline = build_random(Architecture(architecture), "meta", torch.bfloat16)
    assert sum(weight.numel() for weight in pipeline.unet.parameters()) / 1e6 == pytest.approx(
        millions, abs=0.1
    )
    assert pipeline.unet.dtype == pipeline.vae.dtype == torch.bfloat16
    ddim = make_scheduler(SchedulerName.DDIM, pipeline.scheduler.config)
    assert not ddim.config.clip_sample
    assert ddim.alphas_cumprod.device.type == "cpu"


def test_the_tokenizer_needs_no_file_and_pads_to_the_full_length() -> None:
    [ids] = LocalTokenizer()(["a red house"], padding="max_length").input_ids
    assert len(ids) == 77
    assert (ids[0], ids[-1]) == (49406, 49407)
    assert len(set(ids)) > 5
