from collections.abc import Callable

import pytest

from generation.params import SEED_MAX, GenerationParams, ParamsError

Make = Callable[..., GenerationParams]


def test_it_works(params: Make) -> None:
    assert params().seeds() == [7]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "x" * 2001),
        ("negative_prompt", "x" * 2001),
        ("width", 56),
        ("width", 2056),
        ("height", 65),
        ("num_inference_steps", 0),
        ("num_inference_steps", 151),
        ("guidance_scale", -0.1),
        ("guidance_scale", 30.1),
        ("guidance_scale", float("nan")),
        ("seed", -1),
        ("seed", SEED_MAX + 1),
        ("num_images", 0),
        ("num_images", 9),
        ("quality", 0),
        ("quality", 101),
    ],
)
def test_a_value_off_its_limits_is_refused_by_name(params: Make, field: str, value: object) -> None:
    with pytest.raises(ParamsError) as refusal:
        params(**{field: value})
    assert refusal.value.field == field


def test_every_image_has_a_seed_that_can_be_asked_for(params: Make) -> None:
    assert params(seed=SEED_MAX - 1, num_images=2).seeds() == [SEED_MAX - 1, SEED_MAX]
    with pytest.raises(ParamsError):
        params(seed=SEED_MAX, num_images=2)


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({}, 1),
        ({"num_inference_steps": 50}, 1),
        ({"num_inference_steps": 51}, 2),
        ({"width": 128, "num_inference_steps": 50}, 2),
        ({"width": 2048, "height": 2048, "num_inference_steps": 150}, 3072),
        ({"num_images": 8, "num_inference_steps": 51}, 16),
    ],
)
def test_the_cost_grows_with_pixels_steps_and_images(
    params: Make, changes: dict[str, int], cost: int
) -> None:
    assert params(**changes).cost(64, 64) == cost


@pytest.mark.parametrize(("guidance_scale", "guided"), [(0, False), (1, False), (1.1, True)])
def test_guidance_at_most_one_is_off(params: Make, guidance_scale: float, guided: bool) -> None:
    assert params(guidance_scale=guidance_scale).guided is guided
