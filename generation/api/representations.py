"""What the generation operations give."""

import base64
from datetime import datetime
from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse as absolute_reverse

from accounts.pagination import PageSerializer
from accounts.serializers import QuotaSerializer
from generation.dispatch import get_exchange
from generation.exceptions import FAILURES
from generation.models import GeneratedImage, Generation, Status
from generation.params import OutputFormat, RequestType, SchedulerName

ROUTES = {
    RequestType.TEXT_TO_IMAGE: "text-to-image-generator",
    RequestType.IMAGE_TO_IMAGE: "image-manipulator1",
    RequestType.INPAINTING: "image-manipulator2",
}
PROBLEM_SCHEMA = {"allOf": [{"$ref": "#/components/schemas/Problem"}], "nullable": True}


class GeneratedImageSerializer(serializers.Serializer[GeneratedImage]):
    """One picture. With `inline` in the context its file comes along."""

    index = serializers.IntegerField(read_only=True, help_text="Counted from 0.")
    seed = serializers.IntegerField(
        read_only=True,
        help_text="The seed of this picture; alone with `num_images` 1 it gives the same picture again.",
    )
    width = serializers.IntegerField(read_only=True, source="generation.width")
    height = serializers.IntegerField(read_only=True, source="generation.height")
    format = serializers.ChoiceField(
        read_only=True, choices=list(OutputFormat), source="generation.output_format"
    )
    bytes = serializers.IntegerField(read_only=True, help_text="The size of the file.")
    image = serializers.SerializerMethodField(
        help_text="The file as a base64 string; null in lists, with `images=url`, and once it is removed."
    )
    url = serializers.SerializerMethodField(
        help_text="Where the file can be fetched with the owner's token; 404 once it is removed."
    )
    thumbnail = serializers.SerializerMethodField(
        help_text="The same for the picture made small, a WebP of at most 384 pixels on its longer side."
    )
    expires_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        source="generation.expires_at",
        help_text="When the file is removed, or was; null if it is kept. The generation itself stays.",
    )

    @extend_schema_field({"type": "string", "format": "byte", "nullable": True})
    def get_image(self, image: GeneratedImage) -> str | None:
        if not self.context.get("inline") or image.generation.expired_at is not None:
            return None
        try:
            with image.file.open("rb") as file:
                return base64.b64encode(file.read()).decode("ascii")
        except FileNotFoundError:
            return None

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, image: GeneratedImage) -> str:
        return absolute_reverse(
            "generation-image", [image.generation_id, image.index], request=self.context["request"]
        )

    @extend_schema_field(OpenApiTypes.URI)
    def get_thumbnail(self, image: GeneratedImage) -> str:
        return f"{self.get_url(image)}?size=thumbnail"


class ParametersSerializer(serializers.Serializer[Generation]):
    """Every value as it was in effect, defaults and a chosen seed included."""

    prompt = serializers.CharField(read_only=True)
    negative_prompt = serializers.CharField(read_only=True)
    width = serializers.IntegerField(read_only=True)
    height = serializers.IntegerField(read_only=True)
    num_inference_steps = serializers.IntegerField(read_only=True)
    guidance_scale = serializers.FloatField(read_only=True)
    scheduler = serializers.ChoiceField(read_only=True, choices=list(SchedulerName))
    seed = serializers.IntegerField(read_only=True)
    num_images = serializers.IntegerField(read_only=True)
    output_format = serializers.ChoiceField(read_only=True, choices=list(OutputFormat))
    quality = serializers.SerializerMethodField(help_text="Null for `png`.")
    strength = serializers.FloatField(read_only=True, allow_null=True, help_text="Null for `text-to-image`.")

    def get_quality(self, generation: Generation) -> int | None:
        return None if generation.output_format == OutputFormat.PNG else generation.quality


class TimingsSerializer(serializers.Serializer):
    """In milliseconds; null as long as it is not known."""

    queued_ms = serializers.SerializerMethodField(help_text="From accepted to started.")
    running_ms = serializers.SerializerMethodField(help_text="From started to finished.")
    total_ms = serializers.SerializerMethodField(help_text="From accepted to finished.")

    def get_queued_ms(self, generation: Generation) -> int | None:
        return _milliseconds(generation.created_at, generation.started_at)

    def get_running_ms(self, generation: Generation) -> int | None:
        return _milliseconds(generation.started_at, generation.finished_at)

    def get_total_ms(self, generation: Generation) -> int | None:
        return _milliseconds(generation.created_at, generation.finished_at)


class GenerationSerializer(serializers.Serializer):
    """One accepted request, and what became of it.

    The context holds the `request`, the caller's `quota`, and `inline` where the files are to come along.
    """

    id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(read_only=True, choices=Status.values)
    request_type = serializers.ChoiceField(read_only=True, choices=list(RequestType))
    request_time = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="The client's time of the request; null if none was sent."
    )
    created_at = serializers.DateTimeField(read_only=True, help_text="When the request was accepted.")
    started_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the engine took it up."
    )
    finished_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When it ended, however it did."
    )
    model = serializers.CharField(read_only=True, help_text="The name of the model that drew.")
    parameters = ParametersSerializer(read_only=True, source="*")
    images = GeneratedImageSerializer(
        read_only=True, many=True, source="drawn", help_text="The pictures, once they are done."
    )
    cost = serializers.IntegerField(
        read_only=True, help_text="The credits that it cost; 0 if it failed, was canceled or was refunded."
    )
    quota = serializers.SerializerMethodField()
    timings = TimingsSerializer(read_only=True, source="*")
    progress = serializers.SerializerMethodField(help_text="The share of the steps that are done.")
    queue_position = serializers.SerializerMethodField(
        help_text="Its place among all that wait, from 1; null unless it is `queued`."
    )
    error = serializers.SerializerMethodField(help_text="Why it failed, or that it was canceled; else null.")

    @extend_schema_field(QuotaSerializer)
    def get_quota(self, generation: Generation) -> dict[str, Any]:
        return self.context["quota"]

    @extend_schema_field({"type": "number", "format": "double", "minimum": 0, "maximum": 1})
    def get_progress(self, generation: Generation) -> float:
        if generation.status == Status.SUCCEEDED:
            return 1.0
        progress = get_exchange().progress(generation.id)
        return progress.step / progress.steps if progress else 0.0

    @extend_schema_field({"type": "integer", "minimum": 1, "nullable": True})
    def get_queue_position(self, generation: Generation) -> int | None:
        return Generation.objects.position(generation)

    @extend_schema_field(PROBLEM_SCHEMA)
    def get_error(self, generation: Generation) -> dict[str, Any] | None:
        return problem_of(generation) if generation.error_code else None


class GenerationPageSerializer(PageSerializer):
    results = GenerationSerializer(many=True)


def problem_of(generation: Generation) -> dict[str, Any]:
    """What the request was, or would have been, refused with, as problem details."""
    failure = FAILURES[generation.error_code]
    problem = {
        "type": f"urn:problem:{failure.default_code}",
        "title": failure.default_code.replace("_", " ").capitalize(),
        "status": failure.status_code,
        "detail": str(failure.default_detail),
        "instance": reverse(ROUTES[RequestType(generation.request_type)]),
        "code": failure.default_code,
        "request_id": generation.request_id,
    }
    return problem | {"reason": generation.error_reason} if generation.error_reason else problem


def _milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return round((end - start).total_seconds() * 1000) if start and end else None
