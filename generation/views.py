"""See again what was drawn, and what can be."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import Quota, Terms, User
from accounts.pagination import paged
from accounts.serializers import QuotaSerializer
from generation import availability
from generation.capabilities import CapabilitiesSerializer, capabilities
from generation.delivery import GENERATION_ID
from generation.models import Generation
from generation.queries import ImagesQuery, ListQuery
from generation.representations import GenerationPageSerializer, GenerationSerializer


def wants_base64(request: Request) -> bool:
    return ImagesQuery.check(request)["images"] == "base64"


def context(request: Request, *, inline: bool) -> dict[str, Any]:
    """What `GenerationSerializer` needs beside the row."""
    quota = Quota.objects.current(caller(request))
    return {"request": request, "inline": inline, "quota": QuotaSerializer(quota).data}


class GenerationListView(APIView):
    """What you have drawn, newest first."""

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
        return paged(self, request, rows, GenerationSerializer, context(request, inline=False))


class GenerationView(APIView):
    """One of your generations, with its pictures."""

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
        terms = request.user.terms if isinstance(request.user, User) else Terms.of()
        return Response(capabilities(availability.loaded_model(), terms))
