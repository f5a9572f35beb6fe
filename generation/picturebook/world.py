"""The picture-book world: what there is in it, and how a scene becomes a picture."""

import hashlib
import itertools
import random
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image

from generation.picturebook.brush import Brush, Colour, blend
from generation.picturebook.places import draw_place
from generation.picturebook.things import DRAW_FOOTING, DRAW_THING

SIZE = 128
OVERSAMPLE = 3
COLOURS: dict[str, Colour] = {
    "red": (216, 38, 38),
    "orange": (248, 134, 22),
    "yellow": (252, 214, 48),
    "green": (52, 158, 66),
    "blue": (36, 98, 220),
    "purple": (130, 56, 178),
    "pink": (250, 138, 188),
    "brown": (124, 76, 42),
    "white": (246, 246, 244),
    "black": (40, 40, 46),
}
THINGS = tuple(DRAW_THING)
PLACES = ("hill", "snow", "desert", "sea")
TIMES = ("day", "sunset", "night")

# The light falls on things more gently than on the land, so that a colour can still be named at night.
LIGHT: dict[str, tuple[Colour, float]] = {
    "day": ((255, 255, 255), 0.0),
    "sunset": ((255, 120, 60), 0.10),
    "night": ((16, 24, 80), 0.18),
}


class Scene(NamedTuple):
    """One thing of one colour at one place and time of day."""

    colour: str
    thing: str
    place: str
    time: str


ALL_SCENES = tuple(Scene(*parts) for parts in itertools.product(COLOURS, THINGS, PLACES, TIMES))


def _rank(scene: Scene) -> bytes:
    return hashlib.sha256(" ".join(scene).encode()).digest()


# One scene in eight is never shown in training; evaluation asks for these.
HELD_OUT = frozenset(sorted(ALL_SCENES, key=_rank)[: len(ALL_SCENES) // 8])
TRAINED = tuple(scene for scene in ALL_SCENES if scene not in HELD_OUT)


@dataclass(frozen=True)
class Picture:
    """`image`: RGB, 128x128. `mask`: L, 255 where the thing is."""

    image: Image.Image
    mask: Image.Image


def lit(colour: Colour, time: str) -> Colour:
    """How `colour` looks on a thing at that time of day."""
    return blend(colour, *LIGHT[time])


def render(scene: Scene, rng: random.Random) -> Picture:
    """Draw `scene`; `rng` chooses the layout, the same state giving the same picture."""
    side = SIZE * OVERSAMPLE
    canvas = Image.new("RGB", (side, side))
    draw_place(Brush(canvas, OVERSAMPLE), scene.place, scene.time, rng)
    layer = Image.new("RGBA", (side, side))
    stand = (SIZE / 2 + rng.uniform(-6, 6), 74 + rng.uniform(-3, 3))
    brush = Brush(layer, OVERSAMPLE, stand, rng.uniform(0.95, 1.1))
    DRAW_FOOTING[scene.thing](Brush(canvas, OVERSAMPLE, stand, brush.scale), scene.place, scene.time)
    DRAW_THING[scene.thing](brush, lit(COLOURS[scene.colour], scene.time), scene.time)
    canvas.paste(layer, mask=layer.getchannel("A"))
    small = (SIZE, SIZE)
    resample = Image.Resampling.BOX
    return Picture(canvas.resize(small, resample), layer.getchannel("A").resize(small, resample))
