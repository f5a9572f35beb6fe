"""A picture's file over HTTP."""

from collections.abc import Iterable
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from generation import params as limits
from generation.api.queries import SizeQuery
from generation.models import GeneratedImage, Generation
from generation.params import OutputFormat
from generation.pictures.pixels import CONTENT_TYPES, thumbnail

YEAR = 365 * 24 * 60 * 60
THUMBNAIL_SIDE = 384
GENERATION_ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH, description="The id of the generation.")
IMAGE_INDEX = OpenApiParameter(
    "index",
    {"type": "integer", "minimum": 0, "maximum": limits.IMAGES_MAX - 1},
    OpenApiParameter.PATH,
    description="Which picture of the generation, counted from 0.",
)


CACHING_HEADERS = [
    OpenApiParameter(
        "ETag",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="Names this picture; send it back in `If-None-Match`.",
        response=[200, 304],
    ),
    OpenApiParameter(
        "Cache-Control",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="The caller may keep the picture, caches on the way may not.",
        response=[200, 304],
    ),
]


class AnythingNegotiation(DefaultContentNegotiation):
    """Takes any `Accept` header, for an answer that comes in one form only."""

    def select_renderer(
        self, _request: Request, renderers: Iterable[BaseRenderer], _format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class GenerationImageView(APIView):
    """The bytes of a picture. They never change, so the owner's browser may keep them."""

    content_negotiation_class = AnythingNegotiation
    problem_statuses = (404,)

    @extend_schema(
        operation_id="getGenerationImage",
        tags=["Generation"],
        summary="Fetch the bytes of a picture",
        description=(
            "The picture itself, in the format that it was asked for, or made small for a grid of many. Any `Accept` "
            "header is welcome."
        ),
        parameters=[GENERATION_ID, IMAGE_INDEX, SizeQuery, *CACHING_HEADERS],
        responses={
            (200, content_type): OpenApiResponse(OpenApiTypes.BINARY, "The picture.")
            for content_type in CONTENT_TYPES.values()
        }
        | {304: OpenApiResponse(description="The copy that `If-None-Match` names is still good.")},
    )
    def get(self, request: Request, id: UUID, index: int) -> HttpResponseBase:  # noqa: A002
        small = SizeQuery.check(request)["size"] == "thumbnail"
        images = GeneratedImage.objects.filter(generation__user=request.user.pk).select_related(
            "generation__user__plan", "generation__user__overrides"
        )
        image = get_object_or_404(images, generation_id=id, index=index)
        refuse_expired(image.generation)
        etag, make = (
            (f'"{id}-{index}-thumbnail"', small_response) if small else (f'"{id}-{index}"', file_response)
        )
        response = get_conditional_response(request, etag=etag) or make(image)
        response["ETag"] = etag
        response["Cache-Control"] = f"private, max-age={seconds_left(image.generation)}, immutable"
        return response


def refuse_expired(generation: Generation) -> None:
    if generation.expired_at is not None:
        raise NotFound(gettext("The time of this picture is over, and its file is removed."))


def seconds_left(generation: Generation) -> int:
    """How long a copy is good: as long as the picture itself is kept, and at most a year."""
    if generation.expires_at is None:
        return YEAR
    left = (generation.expires_at - timezone.now()).total_seconds()
    return min(max(int(left), 0), YEAR)


def file_response(image: GeneratedImage) -> FileResponse:
    """The bytes with their content type, streamed. Raises `NotFound` if the file is gone."""
    output_format = OutputFormat(image.generation.output_format)
    try:
        file = image.file.open("rb")
    except FileNotFoundError:
        raise NotFound(gettext("The file of this picture is gone.")) from None
    name = f"{image.generation_id}-{image.index}.{output_format}"
    return FileResponse(file, content_type=CONTENT_TYPES[output_format], filename=name)


def small_response(image: GeneratedImage) -> HttpResponse:
    """The picture made small. Raises `NotFound` if the file is gone."""
    try:
        with image.file.open("rb") as file:
            small = thumbnail(file, THUMBNAIL_SIDE)
    except OSError:
        raise NotFound(gettext("The file of this picture is gone.")) from None
    return HttpResponse(small, content_type=CONTENT_TYPES[OutputFormat.WEBP])
