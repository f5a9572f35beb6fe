"""Measure what a picture costs on this machine: latency, start-up, memory."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.benchmark import latency, machine, server
from generation.engine import EngineState, get_engine, reset_engine


class Command(BaseCommand):
    help = (
        "Time one picture with the default settings through the engine and through the bare diffusers "
        "pipeline, in turn; then measure a server of its own: the time to its first picture, its memory."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repetitions", type=int, default=10, help="pictures per way, after one to warm up"
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        figures = {
            "machine": machine.describe(),
            "latency": self.latency(max(1, options["repetitions"])),
            "server": asdict(server.measure(settings.BASE_DIR)),
        }
        self.stdout.write(json.dumps(figures, indent=2) if options["json"] else as_text(figures))

    def latency(self, repetitions: int) -> dict[str, Any]:
        engine = get_engine()
        try:
            if engine.wait_until_settled() is not EngineState.READY:
                raise CommandError(engine.failure)
            params = latency.default_params(engine.model)
            seconds = latency.compare(engine, params, repetitions)
        finally:
            reset_engine()
        return {
            "params": asdict(params),
            "repetitions": repetitions,
            "seconds": {name: asdict(value) for name, value in seconds.items()},
            "ratio": seconds["engine"].median / seconds["bare pipeline"].median,
        }


def as_text(figures: dict[str, Any]) -> str:
    timed, params, served = figures["latency"], figures["latency"]["params"], figures["server"]
    request = (
        f"{params['width']} x {params['height']}, {params['num_inference_steps']} steps, "
        f"{params['scheduler']}, guidance {params['guidance_scale']}"
    )
    lines = [f"{name:14} {value}" for name, value in figures["machine"].items()]
    lines += ["", f"{request}; {timed['repetitions']} pictures each way"]
    lines += [
        f"{name:14} {value['median']:.3f} s (quartiles {value['low']:.3f} to {value['high']:.3f})"
        for name, value in timed["seconds"].items()
    ]
    lines += [
        f"{'ratio':14} {timed['ratio']:.3f}",
        "",
        f"{'first picture':14} {served['first_picture_seconds']:.1f} s after the start of gunicorn",
        f"{'memory':14} {served['resident_bytes'] / 2**20:.0f} MiB resident, all processes of the server",
    ]
    return "\n".join(lines)
