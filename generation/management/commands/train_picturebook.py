"""Train the model that ships, from rendered pictures to a pipeline folder."""

from argparse import ArgumentParser
from pathlib import Path

import torch
from django.conf import settings
from django.core.management.base import BaseCommand

from generation.picturebook.evaluate import draw_sheet, paint
from generation.picturebook.train import SERVICE, Plan, save, train

SAMPLES = (
    "a red house on a green hill by day",
    "an orange boat on the sea at sunset",
    "a purple castle in the desert at night",
    "a blue fish in the snow by day",
    "a pink flower in the desert by day",
    "a yellow car in the snow at night",
    "a green balloon on the sea at sunset",
    "a white tree on a green hill at night",
)


class Command(BaseCommand):
    help = "Trains the picture-book model; an interrupted training goes on from its last checkpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        plan = Plan(Path(settings.DATA_DIR) / "picturebook")
        parser.add_argument(
            "--folder", type=Path, default=plan.folder, help="checkpoints and the finished pipeline"
        )
        parser.add_argument("--seed", type=int, default=plan.seed)
        parser.add_argument("--pictures", type=int, default=plan.pictures)
        parser.add_argument("--autoencoder-steps", type=int, default=plan.autoencoder_steps)
        parser.add_argument("--reader-steps", type=int, default=plan.reader_steps)
        parser.add_argument("--painter-steps", type=int, default=plan.painter_steps)
        parser.add_argument("--threads", type=int, default=torch.get_num_threads())
        parser.add_argument(
            "--compile", action="store_true", help="compile the UNet; needs a C++ compiler, saves a third"
        )

    def handle(self, *, threads: int, **options: object) -> None:
        torch.set_num_threads(threads)
        plan = Plan(**{name: options[name] for name in Plan.__dataclass_fields__})  # type: ignore[arg-type]
        pipeline = train(plan)
        steps, guidance = int(str(SERVICE["num_inference_steps"])), float(str(SERVICE["guidance_scale"]))
        draw_sheet(list(paint(pipeline, SAMPLES, plan.seed, steps, guidance)), 4).save(
            plan.folder / "samples.png"
        )
        save(pipeline, plan.folder / "pipeline")
        self.stdout.write(f"{plan.folder / 'pipeline'}; samples in {plan.folder / 'samples.png'}")
