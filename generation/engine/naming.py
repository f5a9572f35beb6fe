"""Torch's errors by the engine's names."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from generation.engine.errors import DeviceLost, OutOfMemory

logger = logging.getLogger(__name__)


@contextmanager
def named_errors() -> Iterator[None]:
    """Raise `OutOfMemory` or `DeviceLost` for what torch calls otherwise."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise OutOfMemory("The request does not fit into the device's memory.") from error
    except torch.AcceleratorError as error:
        logger.critical("the device failed: %s", error)
        raise DeviceLost("The device failed.") from error
    except RuntimeError as error:
        # The CPU's allocator has no error class of its own.
        if "not enough memory" in str(error) or "can't allocate memory" in str(error):
            raise OutOfMemory("The request does not fit into the machine's memory.") from error
        raise
