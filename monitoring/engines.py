"""What this process's engine does: what it has counted, and at which rate of late."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from generation.engine import Engine, EngineState, running_engine
from generation.engine.errors import EngineError


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Counts are since its start, `since_tick` is seconds. Rates are of the last seconds; None where none ran then."""

    state: EngineState
    model: str | None
    device: str | None
    dtype: str | None
    waiting: int
    ticks: int
    rows: int
    pictures: int
    failures: int
    decodes: int
    prompts: int
    prompts_read: int
    out_of_memory: int
    since_tick: float | None
    ticks_per_second: float | None
    rows_per_tick: float | None
    occupancy: float | None
    ms_per_row: float | None


class Meter:
    """Measures between its turns, which are some seconds apart."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._before: tuple[float, Mapping[str, Any]] | None = None
        self._rates: dict[str, float | None] = dict.fromkeys(
            ("ticks_per_second", "rows_per_tick", "occupancy", "ms_per_row")
        )

    def turn(self) -> None:
        engine = running_engine()
        if engine is None:
            return
        now = monotonic(), engine.figures.as_dict()
        with self._lock:
            before, self._before = self._before, now
            if before is not None:
                self._rates = _rates(before[1], now[1], now[0] - before[0])

    def facts(self) -> EngineFacts | None:
        """None where this process runs no engine."""
        engine = running_engine()
        return None if engine is None else _facts(engine, self._rates)


def _rates(before: Mapping[str, Any], after: Mapping[str, Any], seconds: float) -> dict[str, float | None]:
    ticks, rows, room, busy = (
        after[name] - before[name] for name in ("ticks", "rows", "bucket_rows", "tick_seconds")
    )
    return {
        "ticks_per_second": _share(ticks, seconds),
        "rows_per_tick": _share(rows, ticks),
        "occupancy": _share(rows, room),
        "ms_per_row": _share(1000 * busy, rows),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole > 0 else None


def _facts(engine: Engine, rates: Mapping[str, float | None]) -> EngineFacts:
    figures = engine.figures
    try:
        model = engine.model
    except EngineError:
        model = None
    counted: dict[str, Any] = {
        name: getattr(figures, name) for name in EngineFacts.__slots__ if hasattr(figures, name)
    }
    return EngineFacts(
        state=engine.state,
        model=model.name if model else None,
        device=model.device if model else None,
        dtype=model.dtype if model else None,
        waiting=engine.waiting,
        **counted,
        **rates,  # type: ignore[arg-type]
    )


meter = Meter()
