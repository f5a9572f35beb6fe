"""Sky, sun, moon and land: everything behind the thing."""

import math
import random
from collections.abc import Callable

from generation.picturebook.brush import Brush, Colour, blend

SKY: dict[str, tuple[Colour, Colour]] = {
    "day": ((96, 176, 245), (206, 234, 252)),
    "sunset": ((122, 70, 140), (255, 164, 84)),
    "night": ((12, 16, 52), (44, 58, 122)),
}
LAND_LIGHT: dict[str, tuple[Colour, float]] = {
    "day": ((255, 255, 255), 0.0),
    "sunset": ((196, 72, 60), 0.34),
    "night": ((10, 16, 66), 0.62),
}
HORIZON = 82


def _land(colour: Colour, time: str) -> Colour:
    return blend(colour, *LAND_LIGHT[time])


def _draw_sky(brush: Brush, time: str, rng: random.Random) -> None:
    top, bottom = SKY[time]
    bands = 44
    for band in range(bands):
        y = band * (HORIZON + 8) / bands
        brush.box(0, y, 128, y + 4, blend(top, bottom, band / bands))
    x = 64 + rng.uniform(38, 46)
    if time == "day":
        brush.ellipse((x, rng.uniform(17, 22)), 10, 10, (255, 226, 92))
        _draw_cloud(brush, 64 - rng.uniform(34, 44), rng.uniform(18, 32), (252, 253, 255))
    elif time == "sunset":
        y = HORIZON - rng.uniform(12, 18)
        brush.ellipse((x, y), 15, 15, (255, 186, 92))
        brush.ellipse((x, y), 12, 12, (255, 226, 128))
        _draw_cloud(brush, 64 - rng.uniform(34, 44), rng.uniform(20, 32), (236, 128, 124))
    else:
        _draw_night_lights(brush, x, rng)


def _draw_cloud(brush: Brush, x: float, y: float, fill: Colour) -> None:
    for dx, dy, radius in ((-9, 2, 5.5), (0, -1, 7.5), (9, 2, 6)):
        brush.ellipse((x + dx, y + dy), radius * 1.25, radius, fill)


def _draw_night_lights(brush: Brush, x: float, rng: random.Random) -> None:
    for column in range(6):
        star = (10 + column * 21.5 + rng.uniform(-5, 5), rng.choice((12, 28, 44)) + rng.uniform(-5, 5))
        brush.ellipse(star, 1.5, 1.5, (255, 250, 214))
    y = rng.uniform(18, 23)
    sky = blend(*SKY["night"], 0.25)
    brush.ellipse((x, y), 11, 11, (250, 244, 206))
    brush.ellipse((x + 5, y - 3), 9, 9, sky)


def _ridge(brush: Brush, base: float, height: float, waves: float, phase: float, fill: Colour) -> None:
    points = [(x, base - height * math.sin(phase + waves * x / 128 * math.tau)) for x in range(-2, 131, 3)]
    brush.polygon([*points, (130, 130), (-2, 130)], fill)


def _draw_hill(brush: Brush, time: str, rng: random.Random) -> None:
    _ridge(brush, HORIZON - 4, 7, 1.1, rng.uniform(0, 6.28), _land((124, 190, 120), time))
    brush.ellipse((64 + rng.uniform(-8, 8), 168), 118, 78, _land((78, 168, 62), time))
    for _ in range(5):
        x, y = rng.uniform(6, 122), rng.uniform(112, 123)
        for lean in (-2.5, 0, 2.5):
            brush.line([(x, y), (x + lean, y - 5)], _land((44, 124, 40), time), 1.3)


def _draw_snow(brush: Brush, time: str, rng: random.Random) -> None:
    rock, cap = _land((128, 146, 176), time), _land((248, 250, 255), time)
    for x in (18 + rng.uniform(-8, 8), 108 + rng.uniform(-8, 8)):
        brush.polygon([(x - 34, HORIZON + 6), (x, 46), (x + 34, HORIZON + 6)], rock)
        brush.polygon([(x - 11, 57.5), (x, 46), (x + 11, 57.5), (x + 4, 55), (x, 60), (x - 4, 55)], cap)
    _ridge(brush, HORIZON + 2, 3, 1.2, rng.uniform(0, 6.28), _land((220, 230, 246), time))
    _ridge(brush, HORIZON + 14, 3, 0.9, rng.uniform(0, 6.28), _land((240, 245, 254), time))
    for x in (10 + rng.uniform(-4, 4), 118 + rng.uniform(-4, 4)):
        _draw_pine(brush, x, 99 + rng.uniform(-3, 3), time)


def _draw_pine(brush: Brush, x: float, y: float, time: str) -> None:
    brush.box(x - 1.5, y - 2, x + 1.5, y + 4, _land((96, 66, 44), time))
    for level, width in ((0, 9), (7, 7), (14, 5)):
        brush.polygon(
            [(x - width, y - level), (x, y - level - 12), (x + width, y - level)], _land((40, 104, 78), time)
        )


def _draw_desert(brush: Brush, time: str, rng: random.Random) -> None:
    _ridge(brush, HORIZON, 8, 0.9, rng.uniform(0, 6.28), _land((226, 176, 104), time))
    _ridge(brush, HORIZON + 12, 5, 1.0, rng.uniform(0, 6.28), _land((242, 202, 130), time))
    _draw_cactus(brush, 64 - rng.uniform(45, 51), 102 + rng.uniform(-3, 3), time)


def _draw_cactus(brush: Brush, x: float, y: float, time: str) -> None:
    green = _land((58, 134, 72), time)
    brush.line([(x, y), (x, y - 26)], green, 6)
    brush.ellipse((x, y - 26), 3, 3, green)
    for side, height in ((-1, 12), (1, 16)):
        brush.line([(x, y - height), (x + side * 8, y - height), (x + side * 8, y - height - 8)], green, 4)


def _draw_sea(brush: Brush, time: str, rng: random.Random) -> None:
    brush.box(-2, HORIZON, 130, 130, _land((44, 124, 190), time))
    brush.box(-2, HORIZON + 16, 130, 130, _land((34, 106, 174), time))
    crest = _land((170, 216, 240), time)
    for row, y in enumerate((89, 103, 117)):
        shift = rng.uniform(0, 26)
        for column in range(-1, 6):
            x = column * 26 + shift + row * 9
            brush.line([(x - 6, y), (x - 2, y - 2), (x + 2, y), (x + 6, y - 2)], crest, 1.4)


LANDS: dict[str, Callable[[Brush, str, random.Random], None]] = {
    "hill": _draw_hill,
    "snow": _draw_snow,
    "desert": _draw_desert,
    "sea": _draw_sea,
}


def draw_place(brush: Brush, place: str, time: str, rng: random.Random) -> None:
    """Draw sky and land; `brush` covers the whole picture."""
    _draw_sky(brush, time, rng)
    LANDS[place](brush, time, rng)


def draw_island(brush: Brush, place: str, time: str) -> None:
    """Firm ground under a thing that does not swim, and its shadow elsewhere."""
    if place == "sea":
        brush.ellipse((0, 30), 44, 9, _land((236, 208, 146), time))
        brush.ellipse((0, 28), 36, 6, _land((112, 182, 92), time))
    else:
        _draw_shadow(brush, place, time)


def draw_pond(brush: Brush, place: str, time: str) -> None:
    """Water under a leaping fish, wherever it is."""
    if place != "sea":
        brush.ellipse((0, 32), 34, 7, _land((60, 140, 204), time))
    for dx in (-12, 0, 12):
        brush.line([(dx - 4, 31), (dx, 29), (dx + 4, 31)], _land((190, 226, 246), time), 1.6)


def draw_shadow_on_land(brush: Brush, place: str, time: str) -> None:
    if place != "sea":
        _draw_shadow(brush, place, time)


GROUND: dict[str, Colour] = {"hill": (52, 128, 44), "snow": (196, 208, 232), "desert": (206, 160, 94)}


def _draw_shadow(brush: Brush, place: str, time: str) -> None:
    brush.ellipse((0, 28), 34, 4.5, _land(GROUND[place], time))
