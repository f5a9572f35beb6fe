"""Several pictures of one's own in one archive."""

from collections.abc import Iterable, Iterator
from itertools import chain
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.http import StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.connections import let_go
from accounts.models import User
from generation.api.archives import Entry, archive_response, chunks
from generation.api.delivery import AnythingNegotiation
from generation.api.queries import ArchiveQuery
from generation.exceptions import NotAmongOwn
from generation.models import GeneratedImage, Generation

LONGEST_SLUG = 40
SHORT = 8
WHOLE = 32


class ArchiveView(APIView):
    """Several of your pictures at once."""

    content_negotiation_class = AnythingNegotiation
    problem_statuses = (404,)

    @extend_schema(
        operation_id="archiveGenerations",
        tags=["Generation"],
        summary="Fetch several pictures at once",
        description=(
            "A zip archive of all pictures of the caller's own generations that are named, each once. Pictures that "
            "are not there, as those that were removed by age, are named in `left-out.txt`; where none is there, the "
            "answer is 404, and so it is where one of the generations is unknown or somebody else's. Any `Accept` "
            "header is welcome."
        ),
        parameters=[ArchiveQuery],
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "The archive.")},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        bundle = Bundle(own(caller(request), ArchiveQuery.check(request)["id"]))
        pictures = bundle.pictures()
        first = next(pictures, None)
        if first is None:
            raise NotAmongOwn("id", gettext("None of these generations has a picture."))
        let_go()
        return archive_response(chain([first], pictures, bundle.left_out()), "pictures")


def own(user: User, ids: Iterable[UUID]) -> list[Generation]:
    """The user's generations of these ids, each once, in their order. Raises `NotAmongOwn`."""
    ids = list(dict.fromkeys(ids))
    found = Generation.objects.of(user).select_related("user").prefetch_related("images").in_bulk(ids)
    for id in ids:
        if id not in found:
            raise NotAmongOwn("id", gettext("You have no generation {id}.").format(id=id))
    return [found[id] for id in ids]


class Bundle:
    """Goes through the files; which are missing is known at the end."""

    def __init__(self, generations: list[Generation]) -> None:
        self.generations = generations
        self._missing: list[str] = []
        apart = len({generation.id.hex[:SHORT] for generation in generations}) == len(generations)
        self._digits = SHORT if apart else WHOLE

    def pictures(self) -> Iterator[Entry]:
        for generation in self.generations:
            images = list(generation.images.all())
            if not images:
                self._missing.append(f"{self._stem(generation)}: {generation.status}, without a picture")
            for image in images:
                yield from self._picture(generation, image)

    def left_out(self) -> Iterator[Entry]:
        if self._missing:
            yield "left-out.txt", ZIP_DEFLATED, ["\n".join([*self._missing, ""]).encode()]

    def _picture(self, generation: Generation, image: GeneratedImage) -> Iterator[Entry]:
        name = f"{self._stem(generation)}-{image.index}.{generation.output_format}"
        if generation.expired_at is not None:
            self._missing.append(f"{name}: removed by age on {generation.expired_at:%Y-%m-%d}")
            return
        try:
            yield name, ZIP_STORED, chunks(image.file.open("rb"))
        except FileNotFoundError:
            self._missing.append(f"{name}: its file is gone")

    def _stem(self, generation: Generation) -> str:
        """Tells the prompt unless the owner's pictures do not."""
        told = slugify(generation.prompt)[:LONGEST_SLUG] if generation.user.prompts_in_pictures else ""
        parts = (f"{generation.created_at:%Y-%m-%d}", told.strip("-_"), generation.id.hex[: self._digits])
        return "-".join(filter(None, parts))
