"""Runs the contenders' servers side by side, and puts each under the same loads in turn."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generation.benchmark.calls import Run
from generation.benchmark.load import closed_loop, open_loop
from generation.benchmark.mixes import Job, MixName, jobs
from generation.benchmark.prepared import prepare
from generation.benchmark.roster import Contender
from generation.benchmark.server import Server, running
from generation.benchmark.summary import percentile, spread
from generation.engine.config import EngineConfig

SHARES = (50, 80, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`clients` are the closed loops; `shares` the open ones, in per cent of a contender's own capacity."""

    root: Path
    config: EngineConfig
    settings: dict[str, str]
    contenders: list[Contender]
    mixes: list[MixName]
    clients: list[int]
    shares: tuple[int, ...] = SHARES
    seconds: float
    warm_up: float
    repetitions: int


def race(plan: Plan) -> Iterator[dict[str, Any]]:
    """A row of figures for each contender, mix and load. All servers run, and take turns to have a load."""
    with ExitStack() as stack:
        cache = Path(stack.enter_context(TemporaryDirectory(prefix="benchmark-models-")))
        for dtype in {contender.settings.get("SD_DTYPE", plan.config.dtype) for contender in plan.contenders}:
            prepare(replace(plan.config, dtype=dtype, cache_dir=cache))
        servers = {}
        for contender in plan.contenders:
            settings = plan.settings | contender.settings | {"SD_ENGINE": contender.engine}
            server = stack.enter_context(running(plan.root, settings, cache))
            server.wait_until_ready()
            servers[contender.name] = server
        for mix in plan.mixes:
            yield from _race_in(mix, plan, servers)


def _race_in(mix: MixName, plan: Plan, servers: dict[str, Server]) -> Iterator[dict[str, Any]]:
    for server in servers.values():
        closed_loop(server.target, _streams(server, mix, max(plan.clients)), plan.warm_up)
    alone: dict[str, dict[str, float]] = {}
    capacity: dict[str, float] = {}
    for clients in plan.clients:
        for name, runs in _closed(mix, clients, plan, servers).items():
            row = summarise(runs, alone.get(name, {}))
            capacity[name] = row["images_per_second"]["median"]
            if clients == 1:
                alone[name] = {kind: one["p50"] for kind, one in row["classes"].items()}
            yield {"contender": name, "mix": mix, "load": f"{clients} clients"} | row
    for share in plan.shares:
        rates = {name: share / 100 * rate for name, rate in capacity.items()}
        for name, runs in _open(mix, rates, plan, servers).items():
            yield {"contender": name, "mix": mix, "load": f"{share} %"} | summarise(runs, alone.get(name, {}))


def _closed(mix: MixName, clients: int, plan: Plan, servers: dict[str, Server]) -> dict[str, list[Run]]:
    """The runs of each contender, taken in turn."""
    runs: dict[str, list[Run]] = {name: [] for name in servers}
    for repetition in range(plan.repetitions):
        for name, server in servers.items():
            streams = _streams(server, mix, clients, seed=repetition)
            runs[name].append(closed_loop(server.target, streams, plan.seconds))
    return runs


def _open(
    mix: MixName, rates: dict[str, float], plan: Plan, servers: dict[str, Server]
) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in servers}
    for repetition in range(plan.repetitions):
        for name, server in servers.items():
            [stream] = _streams(server, mix, 1, seed=repetition)
            run = open_loop(server.target, rates[name], stream, plan.seconds, seed=repetition)
            runs[name].append(run)
    return runs


def _streams(server: Server, mix: MixName, clients: int, seed: int = 0) -> list[Iterator[Job]]:
    model = server.model()
    return [jobs(mix, model, seed * 1000 + client) for client in range(clients)]


def summarise(runs: list[Run], alone: dict[str, float]) -> dict[str, Any]:
    """Images a second over the runs, latencies over all their calls.

    `alone` holds the p50 of each class at one client, which slowdowns are counted from.
    """
    calls = [call for run in runs for call in run.measured if call.status == 200]
    classes: dict[str, dict[str, Any]] = {}
    for kind in sorted({call.kind for call in calls}):
        seconds = [call.seconds for call in calls if call.kind == kind]
        p50 = percentile(seconds, 50)
        slowdown = p50 / alone[kind] if kind in alone else None
        classes[kind] = {
            "calls": len(seconds),
            "p50": p50,
            "p99": percentile(seconds, 99),
            "slowdown": slowdown,
        }
    latencies = [call.seconds for call in calls]
    return {
        "images_per_second": asdict(spread(run.rate() for run in runs)),
        "p50": percentile(latencies, 50) if latencies else None,
        "p99": percentile(latencies, 99) if latencies else None,
        "calls": len(latencies),
        "failures": sum(run.failures() for run in runs),
        "classes": classes,
    }
