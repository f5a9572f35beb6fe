"""What can be asked for, as data: models, formats, limits and prices."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.models import Terms
from accounts.models.increases import MOST_CREDITS
from accounts.payments.money import decimals, is_set_up
from accounts.serializers import AccountLimitsSerializer
from generation import params as limits
from generation.api.ranges import RangesSerializer, ranges
from generation.api.samplers import SAMPLERS
from generation.engine import ModelFacts
from generation.params import OutputFormat, RequestType, SchedulerName
from generation.pictures.pixels import CONTENT_TYPES

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


class FormatInfoSerializer(serializers.Serializer):
    name = serializers.ChoiceField(choices=list(OutputFormat))
    media_type = serializers.CharField()
    takes_quality = serializers.BooleanField(help_text="Whether `quality` may be sent along.")


class SchedulerInfoSerializer(serializers.Serializer):
    name = serializers.ChoiceField(choices=list(SchedulerName))
    title = serializers.CharField(help_text="What other programs call it.")
    description = serializers.CharField(help_text="What it is good for, in a sentence.")


class LimitsSerializer(AccountLimitsSerializer):
    """The limits of a request; those of the caller where accounts differ."""

    max_steps = None  # type: ignore[assignment]
    max_images = None  # type: ignore[assignment]
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
    formula = serializers.CharField(
        help_text=(
            "How the cost comes about. Of a request with a picture, `steps` are "
            "`floor(num_inference_steps * strength)`."
        )
    )
    max_credits = serializers.IntegerField(
        help_text="The most credits that can be asked for at once, at `/increase-limit`."
    )
    credit_price = serializers.CharField(
        allow_null=True,
        help_text=(
            "What a credit costs, as a decimal number in the smallest unit of `currency`, such as cents. So many "
            "credits cost the product, rounded, halves up, and at least 1. Null where none are sold, and staff decide "
            "instead."
        ),
    )
    currency = serializers.CharField(
        allow_null=True, help_text="ISO 4217, in lower case; null where no credits are sold."
    )
    currency_decimals = serializers.IntegerField(
        allow_null=True,
        help_text="How many decimals the currency has, 2 for cents; null where no credits are sold.",
    )


class CapabilitiesSerializer(serializers.Serializer):
    models = ModelInfoSerializer(many=True, help_text="Empty until the model is loaded.")
    request_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(RequestType)),
        help_text="What the model can be asked for; all of them until it is loaded.",
    )
    output_formats = serializers.ListField(child=serializers.ChoiceField(choices=list(OutputFormat)))
    formats = FormatInfoSerializer(
        many=True,
        help_text=(
            "The same formats, and what is to be known of them; the first is taken where a request names none."
        ),
    )
    schedulers = SchedulerInfoSerializer(many=True, help_text="All schedulers, in words.")
    ranges = RangesSerializer()
    limits = LimitsSerializer()
    pricing = PricingSerializer()


def capabilities(model: ModelFacts | None, terms: Terms) -> dict[str, Any]:
    """All of it, for a caller whose terms these are."""
    return {
        "models": [_model_info(model)] if model else [],
        "request_types": list(model.request_types if model else RequestType),
        "output_formats": list(OutputFormat),
        "formats": [_format_info(output_format) for output_format in OutputFormat],
        "schedulers": [
            {"name": name, "title": sampler.title, "description": sampler.description}
            for name, sampler in SAMPLERS.items()
        ],
        "ranges": ranges(model, terms),
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
            "max_unfinished": terms.max_unfinished,
            "rate_limit": terms.rate_limit,
            "retention_days": terms.retention_days,
        },
        "pricing": _pricing(),
    }


def _pricing() -> dict[str, Any]:
    sold, currency = is_set_up(), settings.CURRENCY
    return {
        "steps_per_credit": limits.STEPS_PER_CREDIT,
        "formula": FORMULA,
        "max_credits": MOST_CREDITS,
        "credit_price": f"{settings.CREDIT_PRICE.normalize():f}" if sold else None,
        "currency": currency if sold else None,
        "currency_decimals": decimals(currency) if sold else None,
    }


def _format_info(output_format: OutputFormat) -> dict[str, Any]:
    return {
        "name": output_format,
        "media_type": CONTENT_TYPES[output_format],
        "takes_quality": output_format is not OutputFormat.PNG,
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
