"""The OpenAPI document of the service, and two pages that show it. Their scripts are served from here."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import yaml
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from sdsite.policies import WRITTEN_STYLES

DOCUMENT = OpenApiResponse({"$ref": "#/components/schemas/Document"}, "The OpenAPI document.")
PAGE = OpenApiResponse({"type": "string"}, "An HTML page.")


@cache
def contract() -> dict[str, Any]:
    with (settings.BASE_DIR / "openapi.yaml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


class PageNegotiation(DefaultContentNegotiation):
    """Takes any `Accept` header: there is the page, and nothing else."""

    def select_renderer(
        self, request: HttpRequest, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class SchemaView(SpectacularAPIView):
    """`openapi.yaml`, which says the same as what the code emits, and has the examples besides."""

    @extend_schema(
        operation_id="getSchema",
        tags=["Service"],
        summary="This document",
        description=(
            "The OpenAPI document of the service, as YAML, or as JSON where the `Accept` header asks for it."
        ),
        responses={(200, renderer.media_type): DOCUMENT for renderer in SpectacularAPIView.renderer_classes},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(contract())


class DocsView(SpectacularSwaggerView):
    """Swagger UI."""

    content_negotiation_class = PageNegotiation

    @extend_schema(
        operation_id="getDocs",
        tags=["Service"],
        summary="Try the API in Swagger UI",
        description="A page that shows this document and sends requests. Its scripts come from this server.",
        responses={(200, "text/html"): PAGE},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        # It would let other windows hold on to this one, for ways of authorizing that are not ours.
        del response["Cross-Origin-Opener-Policy"]
        return response


@method_decorator(csp_replace(WRITTEN_STYLES), name="dispatch")
class RedocView(SpectacularRedocView):
    """ReDoc, which writes its styles into the page (styled-components)."""

    content_negotiation_class = PageNegotiation

    @extend_schema(
        operation_id="getRedoc",
        tags=["Service"],
        summary="Read the API in ReDoc",
        description="A page that shows this document for reading. Its scripts come from this server.",
        responses={(200, "text/html"): PAGE},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
