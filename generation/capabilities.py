"""What can be asked for, as data: models, formats, limits and prices."""

from typing import Any

from rest_framework import serializers

from accounts.models import Terms
from generation import params as limits
from generation.engine import ModelFacts
from generation.params import OutputFormat, RequestType, SchedulerName

FORMULA = (
    "num_images * max(1, ceil(width * height * steps / "
    f"(native_width * native_height * {limits.STEPS_PER_CREDIT})))"
)


class ModelDefaultsSerializer(serializers.Serializer):
    """What the model takes where a request leaves a field out."""

    num_inference_steps = serializers.IntegerField()
    guidance_scale = serializers.FloatField()
    scheduler = serializers.ChoiceField(choices=list(SchedulerName))


class ModelInfoSerializer(serializers.Serializer):
    name = serializers.CharField()
    family = serializers.CharField(help_text="The kind of model.")
    native_width = serializers.IntegerField()
    native_height = serializers.IntegerField()
    schedulers = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SchedulerName)),
        help_text="The schedulers that it can be used with.",
    )
    defaults = ModelDefaultsSerializer()


class LimitsSerializer(serializers.Serializer):
    """The limits of a request; those of the caller where accounts differ."""

    max_pixels = serializers.IntegerField(help_text="The most that `width * height` may be.")
    min_side = serializers.IntegerField()
    max_side = serializers.IntegerField()
    side_multiple = serializers.IntegerField(help_text="Width and height must be multiples of it.")
    max_num_inference_steps = serializers.IntegerField()
    max_guidance_scale = serializers.FloatField()
    max_num_images = serializers.IntegerField()
    max_prompt_length = serializers.IntegerField()
    max_image_bytes = serializers.IntegerField(
        help_text="The largest file that may go in as `image` or `mask`."
    )
    max_image_pixels = serializers.IntegerField(help_text="The most pixels that such a file may have.")


class PricingSerializer(serializers.Serializer):
    steps_per_credit = serializers.IntegerField(
        help_text="One credit pays for one image of the native size at up to this many steps."
    )
    formula = serializers.CharField(help_text="How the cost comes about.")


class CapabilitiesSerializer(serializers.Serializer):
    models = ModelInfoSerializer(many=True, help_text="Empty until the model is loaded.")
    request_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(RequestType)),
        help_text="What the model can be asked for; all of them until it is loaded.",
    )
    output_formats = serializers.ListField(child=serializers.ChoiceField(choices=list(OutputFormat)))
    limits = LimitsSerializer()
    pricing = PricingSerializer()


def capabilities(model: ModelFacts | None, terms: Terms) -> dict[str, Any]:
    """All of it, for a caller whose terms these are."""
    return {
        "models": [_model_info(model)] if model else [],
        "request_types": list(model.request_types if model else RequestType),
        "output_formats": list(OutputFormat),
        "limits": {
            "max_pixels": terms.max_pixels,
            "min_side": limits.SIDE_MIN,
            "max_side": limits.SIDE_MAX,
            "side_multiple": limits.SIDE_MULTIPLE,
            "max_num_inference_steps": terms.max_steps,
            "max_guidance_scale": limits.GUIDANCE_MAX,
            "max_num_images": terms.max_images,
            "max_prompt_length": limits.PROMPT_MAX_LENGTH,
            "max_image_bytes": limits.IMAGE_MAX_BYTES,
            "max_image_pixels": limits.IMAGE_MAX_PIXELS,
        },
        "pricing": {"steps_per_credit": limits.STEPS_PER_CREDIT, "formula": FORMULA},
    }


def _model_info(model: ModelFacts) -> dict[str, Any]:
    return {
        "name": model.name,
        "family": model.family,
        "native_width": model.native_width,
        "native_height": model.native_height,
        "schedulers": list(SchedulerName),
        "defaults": {
            "num_inference_steps": model.num_inference_steps,
            "guidance_scale": model.guidance_scale,
            "scheduler": model.scheduler,
        },
    }
