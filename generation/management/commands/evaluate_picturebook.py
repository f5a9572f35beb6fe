"""Say how often the picture-book model paints what it was asked for."""

from argparse import ArgumentParser
from pathlib import Path

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from django.core.management.base import BaseCommand

from generation.picturebook.evaluate import both_exams, draw_sheet, mark, paint
from generation.picturebook.judge import Judge
from generation.picturebook.train import SERVICE, WEIGHTS
from generation.picturebook.world import HELD_OUT

COLUMNS = ("pictures", "colour", "thing", "place", "time", "all four")
HEADER = f"{'scenes':18}" + "".join(f"{column:>10}" for column in COLUMNS)


class Command(BaseCommand):
    help = "Paints scenes that training showed and scenes that it did not; prints the shares that are right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=WEIGHTS, help="a trained pipeline")
        parser.add_argument("--captions", type=int, default=240, help="captions of each kind")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--steps", type=int, default=SERVICE["num_inference_steps"])
        parser.add_argument("--guidance", type=float, default=SERVICE["guidance_scale"])
        parser.add_argument("--sheet", type=Path, help="save every third of the scenes never trained on")
        parser.add_argument("--mistakes", action="store_true", help="list what was wrong")

    def handle(
        self, *, folder: Path, captions: int, seed: int, steps: int, guidance: float, sheet: Path | None,
        mistakes: bool, **options: object,
    ) -> None:  # fmt: skip
        pipeline = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
        judge = Judge.learn()
        rows = []
        for exam in both_exams(captions, seed):
            pictures = list(paint(pipeline, exam.captions, seed, steps, guidance))
            rows.append(mark(exam, iter(pictures), judge))
            if sheet and exam.name == "never trained on":
                draw_sheet(pictures[: len(HELD_OUT) : 3], 8).save(sheet)
        self.stdout.write(HEADER)
        for row in rows:
            shares = "".join(f"{share:10.1%}" for share in (row.colour, row.thing, row.place, row.time))
            self.stdout.write(f"{row.name:18}{row.pictures:10}{shares}{row.all_parts:10.1%}")
        if mistakes:
            for row in rows:
                for caption, saw in row.mistakes:
                    self.stdout.write(f"{row.name}: {caption!r} looks like {' '.join(saw)}")
