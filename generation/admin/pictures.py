"""The pictures of a generation for staff: whole, small for a list, and those that came along."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from generation.api.delivery import file_response
from generation.models import GeneratedImage, Generation
from generation.params import OutputFormat
from generation.pictures.pixels import CONTENT_TYPES, thumbnail

# A picture never changes; a deleted one is to be forgotten within a day.
CACHING = "private, max-age=86400"
THUMBNAIL_SIDE = 96


def picture_view(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes of any user's picture."""
    return file_response(_image(pk))


def thumbnail_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A picture made small, so that a list of fifty is not fifty whole files."""
    image = _image(pk)
    etag = f'"{image.generation_id}-{image.index}-small"'
    response = get_conditional_response(request, etag=etag) or _small(image)
    response["ETag"] = etag
    response["Cache-Control"] = CACHING
    return response


def input_view(_request: HttpRequest, pk: UUID, name: str) -> HttpResponseBase:
    """The bytes of a picture that a request brought along."""
    generation = get_object_or_404(Generation, pk=pk)
    if name not in generation.inputs:
        raise Http404
    try:
        file = generation.folder.input_file(name)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type=CONTENT_TYPES[OutputFormat.PNG])


def shown_small(generation: Generation) -> SafeString:
    """The first picture, for a list."""
    if generation.expired_at is not None:
        return SafeString("expired")
    sources = [reverse("admin:generation_thumbnail", args=[image.pk]) for image in generation.images.all()]
    if not sources:
        return SafeString("")
    return format_html('<img class="thumbnail" src="{}" alt="The picture" loading="lazy">', sources[0])


def shown(generation: Generation) -> SafeString:
    """All pictures that were drawn."""
    if generation.expired_at is not None:
        return format_html("removed by age on {}", date_format(generation.expired_at))
    return _tags([reverse("admin:generation_picture", args=[image.pk]) for image in generation.images.all()])


def inputs_shown(generation: Generation) -> SafeString:
    """All pictures that came along; those that are gone are left out."""
    kept = [name for name in generation.inputs if generation.folder.has_input(name)]
    return _tags([reverse("admin:generation_input", args=[generation.pk, name]) for name in kept])


def _image(pk: int) -> GeneratedImage:
    images: QuerySet[GeneratedImage] = GeneratedImage.objects.select_related("generation")
    return get_object_or_404(images, pk=pk)


def _small(image: GeneratedImage) -> HttpResponse:
    try:
        with image.file.open("rb") as file:
            return HttpResponse(
                thumbnail(file, THUMBNAIL_SIDE), content_type=CONTENT_TYPES[OutputFormat.WEBP]
            )
    except OSError:
        # Gone, or no picture.
        raise Http404 from None


def _tags(sources: list[str]) -> SafeString:
    tag = '<a href="{0}"><img class="picture" src="{0}" alt="Picture {1} of {2}"></a>'
    return format_html_join(" ", tag, ((source, at, len(sources)) for at, source in enumerate(sources, 1)))
