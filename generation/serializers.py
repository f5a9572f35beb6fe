"""The body of a generation request. The limits are those of `params`."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.strict import StrictSerializer
from generation import params as limits
from generation.engine import ModelFacts
from generation.exceptions import invalid
from generation.params import GenerationParams, OutputFormat, ParamsError, RequestType, SchedulerName

REQUEST_TIME_TOLERANCE = timedelta(hours=limits.REQUEST_TIME_TOLERANCE_HOURS)
SIDE_SCHEMA = {
    "type": "integer",
    "minimum": limits.SIDE_MIN,
    "maximum": limits.SIDE_MAX,
    "multipleOf": limits.SIDE_MULTIPLE,
}


@extend_schema_field(SIDE_SCHEMA)
class SideField(serializers.IntegerField):
    """Width or height."""

    default_error_messages = {"not_multiple": f"Must be a multiple of {limits.SIDE_MULTIPLE}."}

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=limits.SIDE_MIN, max_value=limits.SIDE_MAX, required=False, **options)

    def to_internal_value(self, data: Any) -> int:
        value = super().to_internal_value(data)
        if value % limits.SIDE_MULTIPLE:
            self.fail("not_multiple")
        return value


class PromptField(serializers.CharField):
    """Text whose length is looked at first: DRF's search for surrogates takes 0.1 s for a million."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=limits.PROMPT_MAX_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text) > limits.PROMPT_MAX_LENGTH:
            self.fail("max_length", max_length=limits.PROMPT_MAX_LENGTH)
        return text


class GenerationRequest(StrictSerializer):
    prompt = PromptField(
        min_length=1,
        help_text="What to draw. Counted after white space at both ends was cut off.",
    )
    negative_prompt = PromptField(
        default="",
        allow_blank=True,
        help_text="What to keep out of the picture. It has no effect without guidance.",
    )
    request_time = serializers.DateTimeField(
        required=False,
        help_text=(
            "When the client made the request, for example the output of `date -u +%FT%TZ`. It is stored and "
            f"shown again. Refused if it is more than {limits.REQUEST_TIME_TOLERANCE_HOURS} hours away from "
            "the server's clock."
        ),
    )
    request_type = serializers.ChoiceField(
        choices=list(RequestType), required=False, help_text="May be left out. It must fit the path."
    )
    width = SideField(
        help_text="In pixels. The model's native width if left out. `width * height` is limited per account."
    )
    height = SideField(
        help_text="In pixels. The model's native height if left out. `width * height` is limited per account."
    )
    num_inference_steps = serializers.IntegerField(
        min_value=limits.STEPS_MIN,
        max_value=limits.STEPS_MAX,
        required=False,
        help_text="How many denoising steps. The model's own number if left out.",
    )
    guidance_scale = serializers.FloatField(
        min_value=limits.GUIDANCE_MIN,
        max_value=limits.GUIDANCE_MAX,
        required=False,
        help_text=(
            "How closely to follow the prompt; at most 1 means no guidance. The model's own if left out."
        ),
    )
    scheduler = serializers.ChoiceField(
        choices=list(SchedulerName),
        required=False,
        help_text="How the noise is taken away. The model's own if left out.",
    )
    seed = serializers.IntegerField(
        min_value=0,
        max_value=limits.SEED_MAX,
        required=False,
        allow_null=True,
        help_text=(
            "Image *i* uses seed + *i*. If null or left out, a seed is chosen and reported in `parameters`."
        ),
    )
    num_images = serializers.IntegerField(
        min_value=limits.IMAGES_MIN,
        max_value=limits.IMAGES_MAX,
        default=limits.IMAGES_MIN,
        help_text="How many pictures to draw.",
    )
    output_format = serializers.ChoiceField(
        choices=list(OutputFormat), default=OutputFormat.PNG, help_text="The file format of the pictures."
    )
    quality = serializers.IntegerField(
        min_value=limits.QUALITY_MIN,
        max_value=limits.QUALITY_MAX,
        default=limits.QUALITY_DEFAULT,
        help_text="For `jpeg` and `webp` only; with `png`, any value but the default is refused.",
    )

    def validate_request_time(self, value: datetime) -> datetime:
        if abs(value - timezone.now()) > REQUEST_TIME_TOLERANCE:
            raise serializers.ValidationError("Too far from the server's clock.", code="out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["output_format"] == OutputFormat.PNG and attrs["quality"] != limits.QUALITY_DEFAULT:
            raise invalid("quality", "PNG has no quality; leave it out.", "not_applicable")
        return attrs

    def params(self, user: User, model: ModelFacts) -> GenerationParams:
        """The effective values: what the request left out is the model's own, and a seed is chosen."""
        values = dict(self.validated_data)
        values.pop("request_time", None)
        values.pop("request_type", None)
        width = values.setdefault("width", model.native_width)
        height = values.setdefault("height", model.native_height)
        for name in ("num_inference_steps", "guidance_scale", "scheduler"):
            values.setdefault(name, getattr(model, name))
        if values.get("seed") is None:
            values["seed"] = secrets.randbelow(limits.SEED_MAX + 2 - values["num_images"])
        if width * height > user.max_pixels:
            message = f"width * height must be at most {user.max_pixels} for this account."
            raise invalid("width", message, "max_pixels")
        try:
            return GenerationParams(**values)
        except ParamsError as error:
            raise refuse(error) from error


def refuse(error: ParamsError) -> serializers.ValidationError:
    """A parameter's error as the refusal of a field."""
    return invalid(error.field, error.message)
