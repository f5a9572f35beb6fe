"""Draw pictures from a terminal: no user, no charge, no row."""

from argparse import ArgumentParser
from pathlib import Path
from secrets import randbelow
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation import params as limits
from generation.engine import Engine, EngineState, get_engine, reset_engine
from generation.engine.errors import EngineError
from generation.params import GenerationParams, OutputFormat, ParamsError, SchedulerName
from generation.pictures.guard import ImageRefused, SourceImage
from generation.pictures.pixels import encode

FORMATS = {
    ".png": OutputFormat.PNG,
    ".jpg": OutputFormat.JPEG,
    ".jpeg": OutputFormat.JPEG,
    ".webp": OutputFormat.WEBP,
}


class Command(BaseCommand):
    help = "Draw a picture from a prompt with the configured model. Nobody is charged."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt", help="what to draw")
        parser.add_argument(
            "-o", "--output", type=Path, default=Path("picture.png"), help=".png, .jpg or .webp"
        )
        parser.add_argument("--negative-prompt", default="", help="what to keep out of the picture")
        parser.add_argument("--width", type=int, help="in pixels; the model's native width if left out")
        parser.add_argument("--height", type=int, help="in pixels; the model's native height if left out")
        parser.add_argument("--steps", type=int, help="denoising steps; the model's own number if left out")
        parser.add_argument("--guidance-scale", type=float, help="the model's own if left out")
        parser.add_argument("--scheduler", choices=list(SchedulerName), help="the model's own if left out")
        parser.add_argument("--seed", type=int, help="chosen and printed if left out")
        parser.add_argument("--image", type=Path, help="a PNG, JPEG or WebP file to start from")
        parser.add_argument("--mask", type=Path, help="a picture of its size; what is white is painted anew")
        parser.add_argument(
            "--strength",
            type=float,
            help=f"how much of --image to give up; {limits.STRENGTH_DEFAULT} if left out",
        )
        parser.add_argument("--quality", type=int, default=limits.QUALITY_DEFAULT, help="for .jpg and .webp")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        if output.suffix.lower() not in FORMATS:
            raise CommandError(f"{output.name}: the name must end in {', '.join(FORMATS)}.")
        try:
            params, content = self.draw(options, FORMATS[output.suffix.lower()])
            output.write_bytes(content)
        except ParamsError as error:
            raise CommandError(f"{error.field}: {error.message}") from error
        except (EngineError, ImageRefused, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            reset_engine()
        self.stdout.write(f"{output}: {params.width} x {params.height}, seed {params.seed}")

    def draw(self, options: dict[str, Any], output_format: OutputFormat) -> tuple[GenerationParams, bytes]:
        engine = get_engine()
        if engine.wait_until_settled() is not EngineState.READY:
            raise CommandError(engine.failure)
        params = _params(options, output_format, engine)
        engine.check(params)
        with tqdm(total=params.steps, desc=engine.model.name, unit="step") as bar:
            ticket = engine.submit(params, on_step=lambda step, steps: _show(bar, step, steps))
            (image,) = ticket.result()
        return params, encode(image, output_format, params.quality)


def _params(options: dict[str, Any], output_format: OutputFormat, engine: Engine) -> GenerationParams:
    model = engine.model

    def given(name: str, otherwise: Any) -> Any:
        return otherwise if options[name] is None else options[name]

    width, height = given("width", model.native_width), given("height", model.native_height)
    return GenerationParams(
        prompt=options["prompt"].strip(),
        negative_prompt=options["negative_prompt"].strip(),
        width=width,
        height=height,
        num_inference_steps=given("steps", model.num_inference_steps),
        guidance_scale=given("guidance_scale", model.guidance_scale),
        scheduler=SchedulerName(given("scheduler", model.scheduler)),
        seed=given("seed", randbelow(limits.SEED_MAX + 1)),
        output_format=output_format,
        quality=options["quality"],
        strength=given("strength", limits.STRENGTH_DEFAULT if options["image"] else None),
        **_pixels(options["image"], options["mask"], width, height),
    )


def _pixels(image: Path | None, mask: Path | None, width: int, height: int) -> dict[str, Any]:
    if image is None:
        if mask is not None:
            raise ParamsError("mask", "There is no image that it could belong to.")
        return {}
    source = SourceImage(image.read_bytes())
    pixels = {"image": source.rgb(width, height)}
    if mask is not None:
        pixels["mask"] = SourceImage(mask.read_bytes()).mask(width, height, of=source.size)
    return pixels


def _show(bar: tqdm, step: int, steps: int) -> None:
    """Some schedulers evaluate the model more often than the number of steps says."""
    bar.total = steps
    bar.update(step - bar.n)
