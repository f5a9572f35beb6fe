"""The bodies of generation requests. The limits are those of `params`."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.exceptions import invalid
from accounts.models import Terms, User
from accounts.strict import StrictSerializer
from generation import params as limits
from generation.api.fields import ImageField, PromptField, SideField, StrengthField
from generation.engine import ModelFacts
from generation.exceptions import InvalidImage
from generation.models import Hook
from generation.params import GenerationParams, OutputFormat, ParamsError, RequestType, SchedulerName
from generation.pictures.guard import ImageRefused, SourceImage, from_base64
from generation.webhooks.fields import WebhookRequest

REQUEST_TIME_TOLERANCE = timedelta(hours=limits.REQUEST_TIME_TOLERANCE_HOURS)


class GenerationRequest(StrictSerializer):
    """What every kind of request takes; as it stands, text-to-image."""

    kind = RequestType.TEXT_TO_IMAGE

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
    webhook = WebhookRequest(
        required=False, help_text="Where to tell what becomes of the generation; nowhere if left out."
    )

    def validate_request_time(self, value: datetime) -> datetime:
        if abs(value - timezone.now()) > REQUEST_TIME_TOLERANCE:
            raise serializers.ValidationError(
                gettext("Too far from the server's clock."), code="out_of_range"
            )
        return value

    def validate_request_type(self, value: str) -> str:
        if value != self.kind:
            told = gettext("This path is for {kind}.").format(kind=self.kind)
            raise serializers.ValidationError(told, code="wrong_path")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["output_format"] == OutputFormat.PNG and attrs["quality"] != limits.QUALITY_DEFAULT:
            raise invalid("quality", gettext("PNG has no quality; leave it out."), "not_applicable")
        return attrs

    def params(self, user: User, model: ModelFacts) -> GenerationParams:
        """The effective values: what the request left out is the model's own, and a seed is chosen.

        Pictures are decoded last, when all else is right. Raises `ValidationError` or `InvalidImage`.
        """
        values: dict[str, Any] = dict(self.validated_data)
        values.pop("request_time", None)
        values.pop("request_type", None)
        values.pop("webhook", None)
        values.setdefault("width", model.native_width)
        values.setdefault("height", model.native_height)
        for name in ("num_inference_steps", "guidance_scale", "scheduler"):
            values.setdefault(name, getattr(model, name))
        if values.get("seed") is None:
            values["seed"] = secrets.randbelow(limits.SEED_MAX + 2 - values["num_images"])
        check_terms(user.terms, values)
        try:
            return GenerationParams(**values | self.pixels(values["width"], values["height"]))
        except ParamsError as error:
            raise refuse(error) from error

    def hook(self, site: str) -> Hook | None:
        """Where to tell of it, with links that begin with `site`."""
        asked = self.validated_data.get("webhook")
        return Hook(asked["url"], asked["events"], site) if asked else None

    def pixels(self, _width: int, _height: int) -> dict[str, bytes]:
        """The pictures that came along, as parameters; here none."""
        return {}


class TransformRequest(GenerationRequest):
    """Image-to-image."""

    kind = RequestType.IMAGE_TO_IMAGE

    image = ImageField(
        help_text=(
            "The picture to start from: base64 or a data URI of a PNG, JPEG or WebP file, of at most 20 MiB "
            "and 16 megapixels."
        )
    )
    strength = StrengthField(
        default=limits.STRENGTH_DEFAULT,
        help_text=(
            "How much of the picture is given up. Of the steps, `floor(num_inference_steps * strength)` are "
            "done, which must be at least 1."
        ),
    )

    def pixels(self, width: int, height: int) -> dict[str, bytes]:
        with self.opened("image") as image:
            return {"image": image.rgb(width, height)}

    @contextmanager
    def opened(self, field: str) -> Iterator[SourceImage]:
        """The picture of a field; whatever is found wrong with it becomes the refusal of that field."""
        try:
            yield SourceImage(from_base64(self.validated_data[field]))
        except ImageRefused as error:
            raise InvalidImage(field, error.code, error.message) from error


class InpaintRequest(TransformRequest):
    """Inpainting."""

    kind = RequestType.INPAINTING

    mask = ImageField(
        help_text=(
            "What is to be painted anew: a picture like `image` and of the same size, white where it is "
            "painted and black where it is kept. It must not be transparent."
        )
    )

    def pixels(self, width: int, height: int) -> dict[str, bytes]:
        with self.opened("image") as image:
            size, pixels = image.size, image.rgb(width, height)
        # Only one of the two is held in full at a time.
        del image
        with self.opened("mask") as mask:
            return {"image": pixels, "mask": mask.mask(width, height, of=size)}


def check_terms(terms: Terms, values: dict[str, Any]) -> None:
    """Refuse what this user may not ask for, all of it at once."""
    pixels = values["width"] * values["height"]
    asked = [
        ("width", "max_pixels", pixels, terms.max_pixels),
        ("num_inference_steps", "max_steps", values["num_inference_steps"], terms.max_steps),
        ("num_images", "max_images", values["num_images"], terms.max_images),
    ]
    refusals = {}
    for field, code, number, most in asked:
        if number > most:
            refusals[field] = [ErrorDetail(_too_much(code).format(most=most), code=code)]
    if refusals:
        raise serializers.ValidationError(refusals)


def _too_much(code: str) -> str:
    if code == "max_pixels":
        return gettext("width * height must be at most {most} for this account.")
    return gettext("Must be at most {most} for this account.")


def refuse(error: ParamsError) -> serializers.ValidationError:
    """A parameter's error as the refusal of a field."""
    return invalid(error.field, gettext(error.template).format(**error.values))
