"""The text of the figures, on figures that are made up."""

from typing import Any

import pytest

from generation.benchmark.calls import Call, Run
from generation.benchmark.race import summarise
from generation.benchmark.report import as_text, race


def row(contender: str, seconds: float, alone: dict[str, float]) -> dict[str, Any]:
    calls = tuple(Call("4 steps", number * seconds, (number + 1) * seconds, 200) for number in range(10))
    run = Run(calls, 0.0, 10 * seconds)
    return {"contender": contender, "mix": "B", "load": "16 clients"} | summarise([run, run], alone)


def test_a_row_tells_rate_latency_and_slowdown() -> None:
    summary = row("ours", 0.5, {"4 steps": 0.25})
    assert summary["images_per_second"]["median"] == pytest.approx(2.0)
    assert (summary["p50"], summary["p99"], summary["calls"]) == (0.5, 0.5, 20)
    assert summary["classes"]["4 steps"]["slowdown"] == pytest.approx(2.0)


def test_the_table_compares_with_the_lock() -> None:
    lines = race([row("locked", 1.0, {}), row("ours", 0.25, {"4 steps": 0.125})]).splitlines()
    assert lines[2] == "| B | 16 clients | locked | 1.00 | 1.00 to 1.00 | 1.00 | 1.00 | 1.00 | 0 |  |"
    assert lines[3].startswith("| B | 16 clients | ours | 4.00 | 4.00 to 4.00 | 4.00 |")
    assert lines[3].endswith("| 4 steps 2.0 |")


def test_a_load_without_an_answer_has_empty_cells() -> None:
    summary = {"contender": "ours", "mix": "A", "load": "95 %"} | summarise([Run((), 0.0, 1.0)], {})
    assert race([summary]).splitlines()[2] == "| A | 95 % | ours | 0.00 | 0.00 to 0.00 |  |  |  | 0 |  |"


def test_only_what_was_measured_is_told() -> None:
    seconds = {"engine": {"median": 2.0, "low": 1.9, "high": 2.1}}
    inside = {
        "pictures": 16,
        "seconds": seconds,
        "overhead": 0.034,
        "images_per_second": 8.0,
        "occupancy": 0.91,
        "first_step": {"ticks": 1.25, "done_ticks": 2.25, "seconds": 0.1, "p99_seconds": 0.2},
        "flops_per_image": 3e12,
        "peak_flops": 48e12,
    }
    text = as_text({"machine": {"cores": "2"}, "inside": inside})
    assert text.startswith("cores          2\n")
    for part in (
        "3.4% of the bare loop",
        "91.0% of the buckets",
        "1.25 ticks",
        "24 TFLOP/s, 50.0% of the 48",
    ):
        assert part in text
    assert "first picture" not in text
