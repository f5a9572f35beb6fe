"""Watching a generation: what becomes of it, as it happens."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.delivery import GENERATION_ID
from generation.api.representations import GenerationSerializer
from generation.api.streams import Stream, places
from generation.api.telling import OVER, Teller
from generation.api.views import context, own
from generation.exceptions import TooManyStreams
from generation.models import UNFINISHED, Generation

EVENT_STREAM = "text/event-stream"
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="The `id` of the last event that was received; what came up to it is not told again.",
)


class EventStreamRenderer(BaseRenderer):
    """Stands for the form of the answer, which `Teller` writes."""

    media_type = EVENT_STREAM
    format = "events"

    def render(self, *_: Any, **__: Any) -> bytes:
        return b""


class EventsView(APIView):
    """What becomes of one of your generations, as it happens."""

    problem_statuses = (406, 503)
    renderer_classes = [EventStreamRenderer]
    # A HEAD would be answered by a stream that nobody reads.
    http_method_names = ["get", "options"]

    @extend_schema(
        operation_id="watchGeneration",
        tags=["Generation"],
        summary="Watch a generation",
        description=(
            "What becomes of one of the caller's own generations, as server-sent events, beginning with how it stands. "
            "Each has an `id` and JSON as `data`:\n\n"
            "| event | data |\n"
            "|---|---|\n"
            "| `queued` | `status`, `queue_position`; again whenever its place changes |\n"
            "| `started` | `status`, `started_at` |\n"
            "| `progress` | `step` of `steps`, `progress` (0-1), `preview`: a small picture as a data URI, or null |\n"
            "| `succeeded`, `failed`, `canceled` | the generation as `/generations/{id}?images=url` shows it |\n\n"
            "The stream ends with the last of these, or earlier where the server is restarted: connect again with the "
            "header `Last-Event-ID`, as browsers do by themselves, and it goes on after that event. Whoever has heard "
            "the end is answered 204. While there is nothing to tell, a comment comes every 15 seconds. As many "
            "streams as the server keeps open at once are too many (503 `too_many_streams`)."
        ),
        parameters=[GENERATION_ID, LAST_EVENT_ID],
        responses={
            (200, EVENT_STREAM): OpenApiResponse(OpenApiTypes.ANY, "The events, until the end."),
            204: OpenApiResponse(description="The end was told already."),
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:  # noqa: A002
        generation, told = own(request, id), request.headers.get("Last-Event-ID", "")
        if told == OVER and generation.status not in UNFINISHED:
            return Response(status=status.HTTP_204_NO_CONTENT)
        if not places.take():
            raise TooManyStreams

        def represent(generation: Generation) -> dict[str, Any]:
            return GenerationSerializer(generation, context=context(request, inline=False)).data

        stream = Stream(id, Teller(generation, told, represent))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(stream, content_type=EVENT_STREAM, headers=headers)
