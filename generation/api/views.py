"""See again what was drawn, and what can be."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import Quota, Scope, Terms, User
from accounts.pagination import paged
from accounts.serializers import QuotaSerializer
from generation.api.capabilities import CapabilitiesSerializer, capabilities
from generation.api.delivery import GENERATION_ID
from generation.api.queries import ImagesQuery, ListQuery
from generation.api.representations import GenerationPageSerializer, GenerationSerializer
from generation.exceptions import AlreadyEnded
from generation.models import Generation
from generation.work import availability


def wants_base64(request: Request) -> bool:
    return ImagesQuery.check(request)["images"] == "base64"


def context(request: Request, *, inline: bool) -> dict[str, Any]:
    """What `GenerationSerializer` needs beside the row."""
    quotas, user = Quota.objects, caller(request)
    quota = quotas.at_sight(user) if request.method in SAFE_METHODS else quotas.current(user)
    return {"request": request, "inline": inline, "quota": QuotaSerializer(quota).data}


def shown(generation: Generation, request: Request, *, inline: bool) -> Response:
    return Response(GenerationSerializer(generation, context=context(request, inline=inline)).data)


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
        filters = ListQuery.of(request).filters()
        rows = Generation.objects.of(caller(request)).with_terms().filter(**filters)
        rows = rows.prefetch_related("images")
        return paged(self, request, rows, GenerationSerializer, context(request, inline=False))


def own(request: Request, id: UUID) -> Generation:  # noqa: A002
    """One of the caller's generations. Somebody else's answers like an unknown one."""
    user = caller(request)
    generation = get_object_or_404(Generation.objects.of(user), pk=id)
    # Whose terms were read with the token.
    generation.user = user
    return generation


class GenerationView(APIView):
    """One of your generations, with its pictures."""

    @property
    def scope(self) -> Scope:
        return Scope.READ if self.request.method in SAFE_METHODS else Scope.GENERATE

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
        return shown(own(request, id), request, inline=inline)

    @extend_schema(
        operation_id="deleteGeneration",
        tags=["Generation"],
        summary="Delete a generation",
        description=(
            "Removes one of the caller's own generations with its pictures, those that came along too, for ever. One "
            "that is not done yet is canceled first, and its credits come back; else the charge stays in the ledger. "
            "The scope `generate` is needed."
        ),
        parameters=[GENERATION_ID],
        responses={204: OpenApiResponse(description="It is gone.")},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        own(request, id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class CancelView(APIView):
    """Stop one of your generations."""

    problem_statuses = (409,)
    scope = Scope.GENERATE

    @extend_schema(
        operation_id="cancelGeneration",
        tags=["Generation"],
        summary="Cancel a generation",
        description=(
            "Stops one of the caller's own generations, at its next step if it is being drawn, and gives its credits "
            "back. Whoever waits for it is answered `generation_canceled`. The scope `generate` is needed."
        ),
        parameters=[GENERATION_ID],
        request=None,
        responses={200: OpenApiResponse(GenerationSerializer, "It is canceled.")},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        generation = own(request, id)
        if not generation.cancel():
            raise AlreadyEnded(own(request, id).status)
        return shown(generation, request, inline=False)


class CapabilitiesView(APIView):
    """What can be asked for, and at which price."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="getCapabilities",
        tags=["Service"],
        summary="What can be asked for",
        description=(
            "Models with their defaults, schedulers, formats, limits and prices: all that a form needs which asks for "
            "pictures. Open to all; with a token, the limits are those of the caller. `models` is empty until the "
            "model is loaded."
        ),
        responses={200: OpenApiResponse(CapabilitiesSerializer, "What this service can do.")},
    )
    def get(self, request: Request) -> Response:
        terms = request.user.terms if isinstance(request.user, User) else Terms.of()
        return Response(capabilities(availability.loaded_model(), terms))
