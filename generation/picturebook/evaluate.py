"""What a trained pipeline can do: the share of pictures in which a judge finds what was asked for."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from PIL import Image
from tqdm import tqdm

from generation.picturebook.captions import Request, plain_caption, word_caption
from generation.picturebook.judge import Judge
from generation.picturebook.world import HELD_OUT, SIZE, TRAINED, Scene

BATCH = 8


@dataclass(frozen=True)
class Exam:
    """Captions that each say all four parts of a scene, and the scenes they ask for."""

    name: str
    scenes: tuple[Scene, ...]
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """Shares 0-1 of pictures that are right, by part of the wish, and in all parts at once."""

    name: str
    pictures: int
    colour: float
    thing: float
    place: float
    time: float
    all_parts: float
    mistakes: tuple[tuple[str, Scene], ...]


def set_exam(name: str, scenes: Sequence[Scene], count: int, seed: int) -> Exam:
    """`count` captions, all scenes equally often: first in the plain wording, then in free ones."""
    rng = random.Random(seed)
    chosen = [*scenes] * (count // len(scenes)) + rng.sample([*scenes], count % len(scenes))
    captions = [
        plain_caption(scene) if index < len(scenes) else word_caption(Request(*scene), rng)
        for index, scene in enumerate(chosen)
    ]
    return Exam(name, tuple(chosen), tuple(captions))


def both_exams(count: int, seed: int) -> list[Exam]:
    """One on scenes that training never showed, one on scenes that it did."""
    held_out, trained = sorted(HELD_OUT), random.Random(seed).sample(TRAINED, min(count // 2, len(TRAINED)))
    return [
        set_exam("never trained on", held_out, count, seed),
        set_exam("trained on", trained, count, seed),
    ]


def paint(
    pipeline: StableDiffusionPipeline, captions: Sequence[str], seed: int, steps: int, guidance: float
) -> Iterator[Image.Image]:
    """Pictures for `captions`, caption *i* with seed + *i*."""
    pipeline.set_progress_bar_config(disable=True)
    for start in range(0, len(captions), BATCH):
        part = list(captions[start : start + BATCH])
        generators = [torch.Generator().manual_seed(seed + start + index) for index in range(len(part))]
        yield from pipeline(
            part,
            width=SIZE,
            height=SIZE,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=generators,
        ).images


def mark(exam: Exam, pictures: Iterator[Image.Image], judge: Judge) -> Result:
    """Let `judge` look at the picture of each caption."""
    answers = [
        judge.look(scene, picture)
        for scene, picture in zip(exam.scenes, tqdm(pictures, exam.name, len(exam.scenes)), strict=True)
    ]

    def share(part: str) -> float:
        pairs = zip(answers, exam.scenes, strict=True)
        return sum(getattr(saw, part) == getattr(asked, part) for saw, asked in pairs) / len(answers)

    triples = zip(exam.captions, exam.scenes, answers, strict=True)
    mistakes = tuple((caption, saw) for caption, asked, saw in triples if saw != asked)
    return Result(
        name=exam.name,
        pictures=len(answers),
        colour=share("colour"),
        thing=share("thing"),
        place=share("place"),
        time=share("time"),
        all_parts=1 - len(mistakes) / len(answers),
        mistakes=mistakes,
    )


def draw_sheet(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """The pictures in rows, with a thin white margin."""
    width, height = pictures[0].size
    margin, rows = 4, -(-len(pictures) // columns)
    sheet = Image.new(
        "RGB", (columns * (width + margin) + margin, rows * (height + margin) + margin), "white"
    )
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        sheet.paste(picture, (margin + column * (width + margin), margin + row * (height + margin)))
    return sheet
