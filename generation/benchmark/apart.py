"""An object in a process of its own."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from typing import Any

_kept: Any = None


class Apart(AbstractContextManager["Apart"]):
    """Makes `make(*arguments)` in another process, and calls its methods there, one at a time.

    Two threads of one process that both use torch have OpenMP threads each. As these are then more than there are
    cores, they no longer wait spinning but asleep, and either is twice as slow as it would be alone.
    """

    def __init__(self, make: Callable[..., object], *arguments: object) -> None:
        self._pool = _other_process(initializer=_make, initargs=(make, arguments))

    def call(self, method: str, *arguments: object) -> Any:
        """What the method returns, or raise what it raises."""
        return self._pool.submit(_call, method, arguments).result()

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown()


def call_apart(function: Callable[..., Any], *arguments: object) -> Any:
    """What a function returns that is called in another process; what it leaves behind, as its threads, ends there."""
    with _other_process() as pool:
        return pool.submit(function, *arguments).result()


def _other_process(**options: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), **options)


def _make(make: Callable[..., object], arguments: tuple[object, ...]) -> None:
    global _kept
    _kept = make(*arguments)


def _call(method: str, arguments: tuple[object, ...]) -> Any:
    return getattr(_kept, method)(*arguments)
