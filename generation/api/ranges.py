"""What the numbers of a request may be, as a form needs it: the limits of `params`, and those of one user."""

from typing import Any

from rest_framework import serializers

from accounts.models import Terms
from generation import params as limits
from generation.engine import ModelFacts

# What suits a slider; the API takes what lies between.
FINE = 0.1
FINER = 0.01


class RangeSerializer(serializers.Serializer):
    """The values of one field, as far as the caller may go."""

    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    step = serializers.FloatField(
        help_text="From one value to the next. Where it is not whole, what lies between them is taken as well."
    )
    default = serializers.FloatField(
        allow_null=True,
        help_text=(
            "What is taken where it is left out; null where the model says so and is not loaded yet, or where it is "
            "chosen."
        ),
    )


class RangesSerializer(serializers.Serializer):
    """What the numbers of a request may be, for a form that asks for them.

    Of `strength` so much at least that a step is left.
    """

    width = RangeSerializer()
    height = RangeSerializer()
    num_inference_steps = RangeSerializer()
    guidance_scale = RangeSerializer()
    strength = RangeSerializer()
    seed = RangeSerializer()
    num_images = RangeSerializer()
    quality = RangeSerializer()


def ranges(model: ModelFacts | None, terms: Terms) -> dict[str, Any]:
    def by_model(name: str) -> Any:
        return getattr(model, name) if model else None

    longest = longest_side(terms.max_pixels)
    step = limits.SIDE_MULTIPLE
    return {
        "width": _range(limits.SIDE_MIN, longest, step, by_model("native_width")),
        "height": _range(limits.SIDE_MIN, longest, step, by_model("native_height")),
        "num_inference_steps": _range(limits.STEPS_MIN, terms.max_steps, 1, by_model("num_inference_steps")),
        "guidance_scale": _range(limits.GUIDANCE_MIN, limits.GUIDANCE_MAX, FINE, by_model("guidance_scale")),
        "strength": _range(FINER, limits.STRENGTH_MAX, FINER, limits.STRENGTH_DEFAULT),
        "seed": _range(0, limits.SEED_MAX, 1, None),
        "num_images": _range(limits.IMAGES_MIN, terms.max_images, 1, limits.IMAGES_MIN),
        "quality": _range(limits.QUALITY_MIN, limits.QUALITY_MAX, 1, limits.QUALITY_DEFAULT),
    }


def longest_side(max_pixels: int) -> int:
    """With the other side as short as can be."""
    fitting = max_pixels // limits.SIDE_MIN // limits.SIDE_MULTIPLE * limits.SIDE_MULTIPLE
    return max(limits.SIDE_MIN, min(limits.SIDE_MAX, fitting))


def _range(minimum: float, maximum: float, step: float, default: float | None) -> dict[str, float | None]:
    return {"minimum": minimum, "maximum": maximum, "step": step, "default": default}
