"""The figures as text: what stands in `docs/benchmarks.md`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

TERA = 1e12
HEADER = (
    "mix",
    "load",
    "contender",
    "images/s",
    "quartiles",
    "x locked",
    "p50 s",
    "p99 s",
    "failed",
    "slowdown",
)


def as_text(figures: dict[str, Any]) -> str:
    """All parts that were measured."""
    parts = [facts(figures["machine"])]
    writers: dict[str, Callable[[Any], str]] = {
        "latency": latency,
        "start": start,
        "inside": inside,
        "race": race,
        "staff": staff,
        "queue": queue,
    }
    parts += [write(figures[name]) for name, write in writers.items() if name in figures]
    return "\n\n".join(parts)


def facts(machine: dict[str, str]) -> str:
    return "\n".join(f"{name:14} {value}" for name, value in machine.items())


def latency(timed: dict[str, Any]) -> str:
    params = timed["params"]
    lines = [
        f"{params['width']} x {params['height']}, {params['num_inference_steps']} steps, {params['scheduler']}",
        f"guidance {params['guidance_scale']}, one client, {timed['repetitions']} pictures each way",
        *_spreads(timed["seconds"]),
        f"{'ratio':14} {timed['ratio']:.3f}",
    ]
    return "\n".join(lines)


def start(started: dict[str, Any]) -> str:
    return (
        f"{'first picture':14} {started['first_picture_seconds']:.1f} s after the start of gunicorn\n"
        f"{'memory':14} {started['resident_bytes'] / 2**20:.0f} MiB resident, all processes of the server"
    )


def inside(measured: dict[str, Any]) -> str:
    first = measured["first_step"]
    achieved = measured["images_per_second"] * measured["flops_per_image"] / TERA
    lines = [
        f"{measured['pictures']} pictures at once, the engine driven without HTTP",
        *_spreads(measured["seconds"]),
        f"{'overhead':14} {measured['overhead']:.1%} of the bare loop",
        f"{'occupancy':14} {measured['occupancy']:.1%} of the buckets' rows, mix C",
        f"{'first step':14} begins after {first['ticks']:.2f} ticks, is done after {first['done_ticks']:.2f}",
        f"{'':14} {first['seconds']:.3f} s, the slowest of a hundred {first['p99_seconds']:.3f} s, at 95 % load",
        f"{'arithmetic':14} {achieved:.3g} TFLOP/s",
    ]
    if peak := measured.get("peak_flops"):
        lines[-1] += f", {achieved * TERA / peak:.1%} of the {peak / TERA:.3g} of a large matrix product"
    return "\n".join(lines)


def staff(measured: dict[str, Any]) -> str:
    """A Markdown table, a line for each page."""
    lines = [
        f"{measured['users']} users, {measured['generations']} generations\n",
        _line(["page", "ms", "queries"]),
        _line(["---"] * 3),
    ]
    lines += [
        _line([page["page"], f"{page['seconds'] * 1000:.3g}", str(page["queries"])])
        for page in measured["pages"]
    ]
    return "\n".join(lines)


def queue(measured: dict[str, list[dict[str, Any]]]) -> str:
    """A Markdown table for each load, a line for each of its runs."""
    return "\n\n".join(_table(name, rows) for name, rows in measured.items())


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    columns = list(rows[0])
    lines = [f"{name}\n", _line(columns), _line(["---"] * len(columns))]
    lines += [_line(str(row[column]) for column in columns) for row in rows]
    return "\n".join(lines)


def race(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table, a line for each contender under each load."""
    locked = {
        (row["mix"], row["load"]): row["images_per_second"]["median"]
        for row in rows
        if row["contender"] == "locked"
    }
    lines = [_line(HEADER), _line(["---"] * len(HEADER))]
    lines += [race_line(row, locked.get((row["mix"], row["load"]))) for row in rows]
    return "\n".join(lines)


def race_line(row: dict[str, Any], locked: float | None = None) -> str:
    """A row of the table; `locked` are the images a second that its factor counts from."""
    return _line(_cells(row, locked))


def _cells(row: dict[str, Any], locked: float | None) -> list[str]:
    rate = row["images_per_second"]
    slowdowns = ((kind, one["slowdown"]) for kind, one in row["classes"].items())
    return [
        row["mix"],
        row["load"],
        row["contender"],
        f"{rate['median']:.2f}",
        f"{rate['low']:.2f} to {rate['high']:.2f}",
        f"{rate['median'] / locked:.2f}" if locked else "",
        _number(row["p50"]),
        _number(row["p99"]),
        str(row["failures"]),
        ", ".join(f"{kind} {value:.1f}" for kind, value in slowdowns if value is not None),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spreads(seconds: dict[str, dict[str, float]]) -> list[str]:
    return [
        f"{name:14} {value['median']:.3f} s (quartiles {value['low']:.3f} to {value['high']:.3f})"
        for name, value in seconds.items()
    ]
