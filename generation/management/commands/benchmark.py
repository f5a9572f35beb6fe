"""Measure what pictures cost on this machine, and how other ways to serve the same model compare."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.apps import engine_config
from generation.benchmark import inside, latency, machine, race, report, roster, staff, start
from generation.benchmark.apart import call_apart
from generation.benchmark.architectures import Architecture
from generation.benchmark.chart import bar_chart
from generation.benchmark.contenders import Ours
from generation.benchmark.mixes import MixName
from generation.benchmark.models import PREFIX
from generation.benchmark.prepared import prepare
from generation.benchmark.queueing import parts as queueing
from generation.engine import Engine, EngineConfig, EngineState
from generation.engine.errors import EngineError, ModelRefused
from generation.engine.loading import DTYPES

PICTUREBOOK = "picturebook"
PARTS = ("start", "latency", "inside", "race", "staff", "queue")


class Command(BaseCommand):
    help = (
        "Measure a server's start, one picture against the bare pipeline, the engine against a bare loop, "
        "all contenders behind the same HTTP server under the same loads, the staff's pages in a large database, "
        "and what the queue costs and bears."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure; all if left out")
        add("--architecture", choices=[PICTUREBOOK, *Architecture], default=PICTUREBOOK, help="the model")
        add("--contenders", nargs="+", choices=list(roster.ROSTER), help="who takes part in the race")
        add(
            "--mix", nargs="+", choices=list(MixName), default=list(MixName), help="A uniform, B steps, C all"
        )
        add("--clients", nargs="+", type=int, default=[1, 4, 8, 16, 32], help="clients of the closed loops")
        add("--shares", nargs="*", type=int, default=race.SHARES, help="open loops, %% of capacity")
        add("--seconds", type=float, default=20.0, help="how long each run is measured")
        add("--warm-up", type=float, default=30.0, help="seconds of load before the first run")
        add("--repetitions", type=int, default=5, help="runs, of which medians and quartiles are given")
        add("--users", type=int, default=100_000, help="in the database of the staff's part")
        add("--generations", type=int, default=1_000_000, help="in the database of the staff's part")
        add("--loads", nargs="+", choices=queueing.LOADS, default=queueing.LOADS, help="of the queue's part")
        add("--chart", type=Path, help="write a bar chart of the closed loops of the first mix, as SVG")
        add("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        config = _config(options["architecture"])
        figures: dict[str, Any] = {"machine": machine.describe()}
        try:
            for part in options["parts"]:
                figures[part] = getattr(self, part)(config, options)
        except (EngineError, ModelRefused) as error:
            raise CommandError(str(error)) from error
        if options["chart"] and "race" in figures:
            options["chart"].write_text(_chart(figures["race"], options["mix"][0]), encoding="utf-8")
        self.stdout.write(json.dumps(figures, indent=2) if options["json"] else report.as_text(figures))

    def start(self, config: EngineConfig, options: dict[str, Any]) -> dict[str, Any]:
        return asdict(start.measure(settings.BASE_DIR, _environment(config)))

    def latency(self, config: EngineConfig, options: dict[str, Any]) -> dict[str, Any]:
        with _ready(config) as engine:
            return latency.measure(engine, options["repetitions"], options["warm_up"])

    def inside(self, config: EngineConfig, options: dict[str, Any]) -> dict[str, Any]:
        with _ready(config) as engine:
            measured = inside.measure(engine, options["repetitions"], options["warm_up"])
            if torch.cuda.is_available():
                measured["peak_flops"] = machine.peak_flops(DTYPES[engine.model.dtype])
            return measured

    def staff(self, config: EngineConfig, options: dict[str, Any]) -> dict[str, Any]:
        users, generations = options["users"], options["generations"]
        return staff.measure(settings.BASE_DIR, users, generations, options["repetitions"])

    def queue(self, config: EngineConfig, options: dict[str, Any]) -> dict[str, Any]:
        rows: dict[str, Any] = {}
        measured = queueing.measure(
            settings.BASE_DIR, options["loads"], options["seconds"], options["repetitions"]
        )
        for name, row in measured:
            self.stderr.write(f"{name}: {row}")
            rows.setdefault(name, []).append(row)
        return rows

    def race(self, config: EngineConfig, options: dict[str, Any]) -> list[dict[str, Any]]:
        plan = race.Plan(
            root=settings.BASE_DIR,
            config=config,
            settings=_environment(config),
            contenders=[roster.ROSTER[name] for name in options["contenders"] or roster.usual()],
            mixes=[MixName(name) for name in options["mix"]],
            clients=sorted(options["clients"]),
            shares=tuple(options["shares"]),
            seconds=options["seconds"],
            warm_up=options["warm_up"],
            repetitions=options["repetitions"],
        )
        rows = []
        for row in race.race(plan):
            # A race is long: who watches, or stops it, has what was measured.
            self.stderr.write(report.race_line(row))
            rows.append(row)
        return rows


def _config(architecture: str) -> EngineConfig:
    config = engine_config()
    return config if architecture == PICTUREBOOK else replace(config, model=PREFIX + architecture)


def _environment(config: EngineConfig) -> dict[str, str]:
    """What servers need to be told to draw with the same model."""
    return {"SD_MODEL": config.model, "SD_ENGINE": roster.ROSTER["ours"].engine}


@contextmanager
def _ready(config: EngineConfig) -> Iterator[Engine]:
    """An engine that has nothing left to do but to draw."""
    # In this process it would leave threads of OpenMP behind, and the engine's pictures take a third longer to decode.
    call_apart(prepare, config)
    engine = Ours(config)
    engine.start()
    try:
        if engine.wait_until_settled() is not EngineState.READY:
            raise CommandError(engine.failure)
        yield engine
    finally:
        engine.stop()


def _chart(rows: list[dict[str, Any]], mix: str) -> str:
    """Images a second of the closed loops, a group of bars for each number of clients."""
    rates = {
        (row["contender"], row["load"]): row["images_per_second"]["median"]
        for row in rows
        if row["mix"] == mix and row["load"].endswith("clients") and roster.ROSTER[row["contender"]].draws
    }
    loads = list(dict.fromkeys(load for _, load in rates))
    names = dict.fromkeys(name for name, _ in rates)
    bars = {roster.ROSTER[name].title: [rates.get((name, load)) for load in loads] for name in names}
    return bar_chart(f"Mix {mix}", "images per second", loads, bars)
