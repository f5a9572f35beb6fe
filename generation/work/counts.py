"""What this process counts of generations, as Prometheus has it. Whoever shows it adds the processes up."""

from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from generation.engine import running_engine
from generation.engine.figures import TICK_BOUNDS, Figures

if TYPE_CHECKING:
    from generation.models import Generation

disable_created_metrics()
registry = CollectorRegistry()

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)
BRIEF = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)

accepted = Counter("sd_generations_accepted", "Generations that were accepted.", ["type"], registry=registry)
ended = Counter(
    "sd_generations_ended",
    "Generations that ended, and why those failed.",
    ["type", "status", "reason"],
    registry=registry,
)
waits = Histogram(
    "sd_generation_wait_seconds", "From accepted to taken up.", ["type"], buckets=SECONDS, registry=registry
)
runs = Histogram(
    "sd_generation_run_seconds", "From taken up to its end.", ["type"], buckets=SECONDS, registry=registry
)
encodes = Histogram(
    "sd_image_encode_seconds", "From pixels to a file.", ["format"], buckets=BRIEF, registry=registry
)

# Name, what it is, and what of the figures it shows.
OF_ENGINE = [
    ("rows", "Rows of the engine's ticks.", "rows"),
    ("bucket_rows", "Rows that there was room for in these ticks.", "bucket_rows"),
    ("pictures", "Pictures of requests that succeeded.", "pictures"),
    ("decodes", "Pictures that were decoded.", "decodes"),
    ("prompts", "Prompts that were begun with.", "prompts"),
    ("prompts_read", "Of them, those that were not known yet.", "prompts_read"),
    ("failures", "Requests that ended in the engine without a picture.", "failures"),
    ("out_of_memory", "Calls for which the device had not enough memory.", "out_of_memory"),
]


def note_end(generation: "Generation") -> None:
    """Once it has ended, however it did."""
    reason = generation.error_reason or generation.error_code
    ended.labels(generation.request_type, generation.status, reason).inc()
    _observe(waits, generation.request_type, generation.created_at, generation.started_at)
    _observe(runs, generation.request_type, generation.started_at, generation.finished_at)


def _observe(histogram: Histogram, kind: str, start: datetime | None, end: datetime | None) -> None:
    if start is not None and end is not None:
        histogram.labels(kind).observe(max(0.0, (end - start).total_seconds()))


class EngineCollector:
    """The figures of this process's engine, if it runs one."""

    def collect(self) -> Iterator[Metric]:
        engine = running_engine()
        figures = Figures() if engine is None else engine.figures
        for name, what, field in OF_ENGINE:
            yield CounterMetricFamily(f"sd_engine_{name}", what, value=getattr(figures, field))
        bounds = [*map(str, TICK_BOUNDS), "+Inf"]
        buckets = list(zip(bounds, map(float, accumulate(figures.tick_counts)), strict=True))
        yield HistogramMetricFamily(
            "sd_engine_tick_seconds",
            "One tick of the engine.",
            buckets=buckets,
            sum_value=figures.tick_seconds,
        )


registry.register(EngineCollector())
