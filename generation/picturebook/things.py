"""The eight things, each drawn around (0, 0) with its feet at y = 28, about 60 units tall, in one colour."""

import math
from collections.abc import Callable

from generation.picturebook.brush import Brush, Colour, blend
from generation.picturebook.places import draw_island, draw_pond, draw_shadow_on_land

WOOD: Colour = (120, 78, 46)
LIT_WINDOW: Colour = (255, 226, 112)
PANE: dict[str, Colour] = {"day": (190, 226, 246), "sunset": (255, 214, 140), "night": LIT_WINDOW}


def _edge(colour: Colour) -> Colour:
    """An outline that shows on any background: dark, but grey around a dark thing."""
    return (112, 112, 124) if sum(colour) < 200 else blend(colour, (20, 16, 24), 0.62)


def _dark(colour: Colour) -> Colour:
    return blend(colour, (20, 16, 30), 0.22)


def _light(colour: Colour) -> Colour:
    return blend(colour, (255, 255, 255), 0.22)


def _draw_house(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.box(10, -28, 17, -8, _dark(colour), edge)
    brush.box(-23, -4, 23, 28, colour, edge)
    brush.polygon([(-29, -3), (0, -31), (29, -3)], _dark(colour), edge)
    brush.box(-6, 13, 6, 28, WOOD, edge)
    for x in (-15, 15):
        brush.box(x - 4.5, 2, x + 4.5, 11, PANE[time], edge)


def _draw_tree(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.polygon([(-5, 28), (-4, 2), (4, 2), (5, 28)], WOOD, _edge(WOOD))
    lobes = ((-13, -3, 14), (13, -3, 14), (-8, -18, 14), (8, -18, 14))
    for x, y, radius in lobes:
        brush.ellipse((x, y), radius + 1, radius + 1, edge)
    for x, y, radius in (*lobes, (0, -8, 15)):
        brush.ellipse((x, y), radius - 0.8, radius - 0.8, colour)
    brush.ellipse((-7, -19), 7, 6, _light(colour))


def _draw_boat(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.line([(0, 10), (0, -32)], WOOD, 2.6)
    sail = blend(colour, (255, 252, 240), 0.5)
    brush.polygon([(3, -31), (3, 4), (25, 4)], sail, edge)
    brush.polygon([(-3, -25), (-3, 4), (-20, 4)], sail, edge)
    brush.polygon([(-34, 8), (34, 8), (23, 27), (-23, 27)], colour, edge)
    brush.line([(-31, 12), (31, 12)], _light(colour), 2)


def _draw_balloon(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    for x in (-14, 14):
        brush.line([(x, 2), (x * 0.4, 20)], edge, 1.3)
    brush.polygon([(-19, -3), (19, -3), (7, 12), (-7, 12)], colour, edge)
    brush.ellipse((0, -16), 24, 22, colour, edge)
    brush.polygon([(-17.5, -4), (17.5, -4), (6.5, 10.5), (-6.5, 10.5)], colour)
    brush.ellipse((0, -15), 9, 21, _light(colour))
    brush.polygon([(-6, -1), (6, -1), (2.4, 11), (-2.4, 11)], _light(colour))
    brush.box(-6.5, 18, 6.5, 28, (176, 124, 70), _edge(WOOD))


def _draw_car(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.polygon([(-19, 2), (-12, -14), (11, -14), (20, 2)], colour, edge)
    brush.polygon([(-14, 1), (-9, -10), (-1, -10), (-1, 1)], PANE[time], edge)
    brush.polygon([(3, 1), (3, -10), (9, -10), (15, 1)], PANE[time], edge)
    brush.polygon([(-33, 21), (-33, 5), (-27, 1), (27, 1), (34, 6), (34, 21)], colour, edge)
    brush.ellipse((31, 9), 2.6, 2.6, (255, 240, 160))
    for x in (-18, 18):
        brush.ellipse((x, 21), 8, 8, (34, 34, 40), (96, 96, 104))
        brush.ellipse((x, 21), 3.4, 3.4, (200, 200, 208))


def _draw_castle(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.box(-20, -4, 20, 28, colour, edge)
    for x in (-14, -5, 4, 13):
        brush.box(x - 2, -9, x + 4, -4, colour, edge)
    for x in (-24, 24):
        brush.box(x - 8, -14, x + 8, 28, colour, edge)
        brush.polygon([(x - 11, -13), (x, -33), (x + 11, -13)], _dark(colour), edge)
        brush.box(x - 2.5, -6, x + 2.5, 2, PANE[time], edge)
    brush.ellipse((0, 16), 7, 7, WOOD, edge)
    brush.box(-6.3, 16, 6.3, 28, WOOD)


def _draw_flower(brush: Brush, colour: Colour, time: str) -> None:
    edge, stem = _edge(colour), blend((58, 150, 62), (16, 24, 80), 0.3 if time == "night" else 0.0)
    brush.line([(0, 28), (0, -4)], stem, 3.4)
    brush.polygon([(0, 26), (-17, 8), (-7, 22)], stem, _edge(stem))
    brush.polygon([(0, 26), (17, 8), (7, 22)], stem, _edge(stem))
    petals = [
        (16 * math.cos(turn), -13 + 16 * math.sin(turn)) for turn in (k * math.tau / 6 for k in range(6))
    ]
    for petal in petals:
        brush.ellipse(petal, 9, 9, colour, edge)
    brush.ellipse((0, -13), 12, 12, colour)
    brush.ellipse((0, -13), 6.5, 6.5, (255, 220, 90), (170, 110, 30))


def _draw_fish(brush: Brush, colour: Colour, time: str) -> None:
    edge = _edge(colour)
    brush.polygon([(-18, 0), (-36, -15), (-32, 0), (-36, 15)], _dark(colour), edge)
    brush.polygon([(-8, -13), (4, -25), (12, -12)], _dark(colour), edge)
    brush.polygon([(-4, 13), (2, 22), (10, 12)], _dark(colour), edge)
    brush.ellipse((3, 0), 27, 16, colour, edge)
    brush.ellipse((19, -4), 4.2, 4.2, (255, 255, 255), edge)
    brush.ellipse((20, -4), 1.9, 1.9, (20, 20, 24))
    brush.line([(10, -9), (7, 0), (10, 9)], _light(colour), 1.8)


Draw = Callable[[Brush, Colour, str], None]
DRAW_THING: dict[str, Draw] = {
    "house": _draw_house,
    "tree": _draw_tree,
    "boat": _draw_boat,
    "balloon": _draw_balloon,
    "car": _draw_car,
    "castle": _draw_castle,
    "flower": _draw_flower,
    "fish": _draw_fish,
}


def _draw_nothing(brush: Brush, place: str, time: str) -> None:
    """A balloon hangs in the air."""


DRAW_FOOTING: dict[str, Callable[[Brush, str, str], None]] = {
    "house": draw_island,
    "tree": draw_island,
    "boat": draw_shadow_on_land,
    "balloon": _draw_nothing,
    "car": draw_island,
    "castle": draw_island,
    "flower": draw_island,
    "fish": draw_pond,
}
