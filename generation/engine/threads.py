"""How many threads torch takes for an operation."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch take `count` threads for what this thread does inside the block. It costs half a microsecond.

    OpenMP's threads spin for some 9 ms after an operation. Where a tick's few sums woke them, they were in the way of
    OpenVINO's: two rows took 24 ms instead of 16 on two cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
