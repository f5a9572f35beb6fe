"""A judge who knows rendered scenes: by pixel statistics, and by a small classifier for things."""

import random
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from generation.picturebook.brush import blend
from generation.picturebook.world import ALL_SCENES, COLOURS, PLACES, SIZE, THINGS, TIMES, Scene, lit, render

Box = tuple[int, int, int, int]
# Left, top, right, bottom of a window that lies on the thing's main colour wherever the layout puts it.
BODY: dict[str, Box] = {
    "house": (46, 86, 82, 96),
    "tree": (54, 56, 74, 76),
    "boat": (50, 86, 78, 96),
    "balloon": (53, 48, 75, 70),
    "car": (55, 80, 73, 90),
    "castle": (50, 73, 78, 81),
    "flower": (48, 45, 80, 77),
    "fish": (52, 66, 76, 82),
}
EXAMPLES, LESSONS, BATCH = 2_880, 400, 48


def vote_colour(image: Image.Image, thing: str, time: str) -> str:
    """The colour nearest to most pixels of the thing's body, in that light."""
    names = list(COLOURS)
    base = [lit(COLOURS[name], time) for name in names]
    shades = np.array([*base, *(blend(colour, (255, 255, 255), 0.22) for colour in base)], float)
    pixels = np.asarray(image.crop(BODY[thing]), float).reshape(-1, 1, 3)
    nearest = np.square(pixels - shades).sum(-1).argmin(1) % len(names)
    return names[np.bincount(nearest, minlength=len(names)).argmax()]


def _surroundings(image: Image.Image) -> np.ndarray:
    """Mean colours of the sky's upper edge, the lower sky at both sides, and the ground: float (3, 3)."""
    pixels = np.asarray(image, float)
    sides = np.concatenate([pixels[56:72, :24], pixels[56:72, -24:]], axis=1)
    return np.stack([part.mean((0, 1)) for part in (pixels[:14], sides, pixels[112:])])


class Judge:
    """Learns from rendered scenes in about a minute on two cores; then looks at 128x128 pictures."""

    def __init__(self, views: dict[tuple[str, str], np.ndarray], classifier: nn.Module) -> None:
        self._views, self._classifier = views, classifier

    @classmethod
    def learn(cls, seed: int = 0) -> Self:
        rng = random.Random(seed)
        scenes = [ALL_SCENES[index % len(ALL_SCENES)] for index in range(EXAMPLES)]
        images = [render(scene, rng).image for scene in scenes]
        seen: dict[tuple[str, str], list[np.ndarray]] = {
            (place, time): [] for place in PLACES for time in TIMES
        }
        for scene, image in zip(scenes, images, strict=True):
            seen[scene.place, scene.time].append(_surroundings(image))
        views = {key: np.mean(means, axis=0) for key, means in seen.items()}
        return cls(views, _learn_things(images, [scene.thing for scene in scenes], seed))

    def place_and_time(self, image: Image.Image) -> tuple[str, str]:
        means = _surroundings(image)
        return min(self._views, key=lambda view: float(np.square(self._views[view] - means).sum()))

    @torch.inference_mode()
    def thing(self, image: Image.Image) -> str:
        return THINGS[int(self._classifier(_stack([image])).argmax())]

    def look(self, asked: Scene, image: Image.Image) -> Scene:
        """What the judge sees for each part of `asked`; the colour is read where that thing should be."""
        image = image.convert("RGB").resize((SIZE, SIZE))
        place, time = self.place_and_time(image)
        return Scene(vote_colour(image, asked.thing, asked.time), self.thing(image), place, time)


def _stack(images: list[Image.Image]) -> torch.Tensor:
    """Pictures at half size, float (B, 3, 64, 64) in -1..1."""
    arrays = np.stack([np.asarray(image) for image in images])
    return functional.avg_pool2d(torch.from_numpy(arrays).permute(0, 3, 1, 2).float() / 127.5 - 1, 2)


def _learn_things(images: list[Image.Image], things: list[str], seed: int) -> nn.Module:
    torch.manual_seed(seed)
    widths = (3, 16, 32, 64, 64)
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
    classifier = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 16, len(THINGS)))
    optimizer = torch.optim.AdamW(classifier.parameters(), 1e-3)
    answers = torch.tensor([THINGS.index(thing) for thing in things])
    for _ in range(LESSONS):
        chosen = torch.randint(len(images), (BATCH,))
        pictures = _stack([images[index] for index in chosen.tolist()])
        pictures = pictures + 0.1 * torch.randn_like(pictures)
        functional.cross_entropy(classifier(pictures), answers[chosen]).backward()
        optimizer.step()
        optimizer.zero_grad()
    return classifier.eval()
