"""Draw a picture, and see again what was drawn."""

from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Quota, User
from accounts.serializers import QuotaSerializer
from generation import worker
from generation.capabilities import CapabilitiesSerializer, capabilities
from generation.delivery import GENERATION_ID
from generation.models import Generation, Origin
from generation.pagination import GenerationPagination
from generation.params import ParamsError
from generation.queries import ImagesQuery, ListQuery
from generation.representations import GenerationPageSerializer, GenerationSerializer
from generation.serializers import GenerationRequest, refuse


def caller(request: Request) -> User:
    """The user of a request that only an authenticated one can have made."""
    assert isinstance(request.user, User)
    return request.user


def wants_base64(request: Request) -> bool:
    query = ImagesQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return query.validated_data["images"] == "base64"


def context(request: Request, *, inline: bool) -> dict[str, object]:
    """What `GenerationSerializer` needs beside the row."""
    quota = Quota.objects.current(caller(request))
    return {"request": request, "inline": inline, "quota": QuotaSerializer(quota).data}


class TextToImageView(APIView):
    """Send a prompt, get a picture."""

    problem_statuses = (402, 500, 503, 504)
    example = {"prompt": "a red house in the snow at night"}

    @extend_schema(
        operation_id="generateImage",
        tags=["Generation"],
        summary="Draw a picture from a prompt",
        description=(
            "Draws one or more pictures and answers when they are done. Credits are reserved before the work "
            "starts and given back if it fails. The same model, parameters and seed give the same bytes."
        ),
        parameters=[ImagesQuery],
        request=GenerationRequest,
        responses={200: OpenApiResponse(GenerationSerializer, "The pictures are done.")},
    )
    def post(self, request: Request) -> Response:
        inline = wants_base64(request)
        body = GenerationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        generation = self.submit(request, body)
        worker.run(generation)
        return Response(GenerationSerializer(generation, context=context(request, inline=inline)).data)

    def submit(self, request: Request, body: GenerationRequest) -> Generation:
        """Everything that can be refused is refused here, before anything is stored or charged."""
        user, model = caller(request), worker.ready_model()
        params = body.params(user, model)
        try:
            worker.check(params)
        except ParamsError as error:
            raise refuse(error) from error
        return Generation.objects.submit(
            user,
            params,
            model=model.name,
            cost=params.cost(model.native_width, model.native_height),
            origin=Origin(request.headers["X-Request-Id"], body.validated_data.get("request_time")),
        )


class GenerationListView(APIView):
    """What you have drawn, newest first."""

    problem_statuses = (400,)

    @extend_schema(
        operation_id="listGenerations",
        tags=["Generation"],
        summary="List my generations",
        description=(
            "The caller's own generations, newest first, in pages. `image` is null here; the pictures are at "
            "their `url`. Follow `next` until it is null; new generations do not shift the pages that follow."
        ),
        parameters=[ListQuery],
        responses={200: OpenApiResponse(GenerationPageSerializer, "A page of generations.")},
    )
    def get(self, request: Request) -> Response:
        query = ListQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        rows = Generation.objects.of(caller(request)).filter(**query.filters()).prefetch_related("images")
        paginator = GenerationPagination()
        page = paginator.paginate_queryset(rows, request, view=self)
        shown = GenerationSerializer(page, many=True, context=context(request, inline=False))
        return paginator.get_paginated_response(shown.data)


class GenerationView(APIView):
    """One of your generations, with its pictures."""

    problem_statuses = (400, 404)

    @extend_schema(
        operation_id="getGeneration",
        tags=["Generation"],
        summary="Show a generation",
        description=(
            "One of the caller's own generations with its pictures. Somebody else's id answers like an "
            "unknown one."
        ),
        parameters=[GENERATION_ID, ImagesQuery],
        responses={200: OpenApiResponse(GenerationSerializer, "The generation.")},
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        inline = wants_base64(request)
        generation = get_object_or_404(Generation.objects.of(caller(request)), pk=id)
        return Response(GenerationSerializer(generation, context=context(request, inline=inline)).data)


class CapabilitiesView(APIView):
    """What can be asked for, and at which price."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="getCapabilities",
        tags=["Service"],
        summary="What can be asked for",
        description=(
            "Models with their defaults, schedulers, formats, limits and prices. Open to all; with a token, "
            "the limits are those of the caller. `models` is empty until the model is loaded."
        ),
        responses={200: OpenApiResponse(CapabilitiesSerializer, "What this service can do.")},
    )
    def get(self, request: Request) -> Response:
        max_pixels = request.user.max_pixels if isinstance(request.user, User) else settings.MAX_PIXELS
        return Response(capabilities(worker.loaded_model(), max_pixels))
