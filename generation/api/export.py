"""Everything of one user's in one archive."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.keyring import TokenSerializer
from accounts.models import AuthToken, LedgerEntry, LimitIncrease, Scope, User
from accounts.serializers import AccountSerializer
from accounts.statements import IncreaseSerializer, LedgerEntrySerializer
from generation.api.archives import Entry, archive_response, chunks
from generation.api.delivery import AnythingNegotiation
from generation.api.representations import GeneratedImageSerializer, GenerationSerializer
from generation.models import GeneratedImage, Generation, WebhookDelivery
from generation.webhooks.representations import DeliverySerializer

ROWS_AT_ONCE = 200


class ExportedImageSerializer(GeneratedImageSerializer):
    """A picture of the archive."""

    image = None  # type: ignore[assignment]
    url = None  # type: ignore[assignment]
    thumbnail = None  # type: ignore[assignment]
    file = serializers.SerializerMethodField()

    def get_file(self, image: GeneratedImage) -> str:
        return picture_name(image)


class ExportedGenerationSerializer(GenerationSerializer):
    """A generation as it was, without what is only of the moment."""

    quota = None  # type: ignore[assignment]
    progress = None  # type: ignore[assignment]
    images = ExportedImageSerializer(many=True)


class ExportView(APIView):
    """All that is yours, to take along."""

    content_negotiation_class = AnythingNegotiation
    scope = Scope.ACCOUNT

    @extend_schema(
        operation_id="exportAccount",
        tags=["Accounts"],
        summary="Take all that is mine along",
        description=(
            "A zip archive of the account, its ledger, tokens (without secrets) and requests for credits, its "
            "generations with all parameters, what was told of them to webhooks, and all pictures, those that came "
            "along too. Any `Accept` header is welcome. Only the token of a login can ask for it."
        ),
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "The archive.")},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        return archive_response(entries(caller(request)), "export")


def entries(user: User) -> Iterator[Entry]:
    lists: dict[str, tuple[QuerySet[Any], type[serializers.BaseSerializer[Any]]]] = {
        "ledger": (LedgerEntry.objects.of(user), LedgerEntrySerializer),
        "tokens": (AuthToken.objects.of(user), TokenSerializer),
        "increases": (LimitIncrease.objects.of(user), IncreaseSerializer),
        "generations": (
            Generation.objects.of(user).with_terms().prefetch_related("images"),
            ExportedGenerationSerializer,
        ),
        "webhooks": (WebhookDelivery.objects.of(user).select_related("webhook"), DeliverySerializer),
    }
    yield "account.json", ZIP_DEFLATED, [as_json(AccountSerializer(user).data)]
    for name, (rows, serializer) in lists.items():
        shown = (serializer(row).data for row in rows.iterator(ROWS_AT_ONCE))
        yield f"{name}.json", ZIP_DEFLATED, as_json_list(shown)
    yield from pictures_of(user)


def pictures_of(user: User) -> Iterator[Entry]:
    """The files that are there: one that is deleted meanwhile is left out."""
    images = GeneratedImage.objects.filter(generation__user=user, generation__expired_at=None)
    for image in images.select_related("generation").order_by("generation", "index").iterator(ROWS_AT_ONCE):
        try:
            yield picture_name(image), ZIP_STORED, chunks(image.file.open("rb"))
        except FileNotFoundError:
            continue
    for generation in Generation.objects.of(user).iterator(ROWS_AT_ONCE):
        for name in generation.inputs:
            try:
                file = generation.folder.input_file(name)
            except FileNotFoundError:
                continue
            yield f"pictures/{generation.id}/{name}.png", ZIP_STORED, chunks(file)


def picture_name(image: GeneratedImage) -> str:
    return f"pictures/{image.generation_id}/{image.index}.{image.generation.output_format}"


def as_json(value: Any) -> bytes:
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, indent=2).encode()


def as_json_list(values: Iterable[Any]) -> Iterator[bytes]:
    separator = b"[\n"
    for value in values:
        yield separator + as_json(value)
        separator = b",\n"
    yield b"[]\n" if separator == b"[\n" else b"\n]\n"
