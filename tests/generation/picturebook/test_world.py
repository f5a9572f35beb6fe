import random

import pytest
from PIL import ImageChops

from generation.picturebook.judge import vote_colour
from generation.picturebook.world import (
    ALL_SCENES,
    COLOURS,
    HELD_OUT,
    PLACES,
    SIZE,
    THINGS,
    TIMES,
    TRAINED,
    Scene,
    render,
)


def test_it_is_as_large_as_promised() -> None:
    assert (len(COLOURS), len(THINGS), len(PLACES), len(TIMES)) == (10, 8, 4, 3)
    assert len(ALL_SCENES) == 960
    assert len(HELD_OUT) == 120
    assert HELD_OUT.isdisjoint(TRAINED)


def test_every_part_is_met_in_training() -> None:
    for part, values in enumerate((COLOURS, THINGS, PLACES, TIMES)):
        assert {scene[part] for scene in TRAINED} == set(values)


@pytest.mark.parametrize("scene", ALL_SCENES[::37], ids=" ".join)
def test_a_scene_is_drawn_in_its_colour(scene: Scene) -> None:
    picture = render(scene, random.Random(3))
    assert picture.image.size == picture.mask.size == (SIZE, SIZE)
    assert vote_colour(picture.image, scene.thing, scene.time) == scene.colour
    assert picture.mask.getextrema() == (0, 255)


def test_the_layout_is_of_the_generator() -> None:
    first, again, other = (render(ALL_SCENES[0], random.Random(seed)).image for seed in (1, 1, 2))
    assert ImageChops.difference(first, again).getbbox() is None
    assert ImageChops.difference(first, other).getbbox() is not None
