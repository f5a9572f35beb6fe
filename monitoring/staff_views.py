"""What staff, and the machines that watch over the service for them, may see of it."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework.permissions import BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses import is_from
from accounts.permissions import HasScope
from monitoring import metrics, system
from monitoring.sights import SystemSerializer


class StaffView(APIView):
    permission_classes = [IsAuthenticated, HasScope, IsAdminUser]


class SystemMonitoringView(StaffView):
    """How machines, processes, engines and the queue are."""

    @extend_schema(
        operation_id="monitorSystem",
        tags=["Service"],
        summary="How machines, processes, engines and the queue are",
        description=(
            "For staff. What is told of this machine and process is of this moment, what of the others is some seconds "
            "old. A part that does not answer within a second is null, and named in `missing`."
        ),
        responses={200: OpenApiResponse(SystemSerializer, "How it is.")},
    )
    def get(self, request: Request) -> Response:
        return Response(SystemSerializer(system.look()).data)


class Watches(BasePermission):
    """Staff, or whoever asks from a network of `METRICS_NETWORKS`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return IsAdminUser().has_permission(request, view) or is_from(request, settings.METRICS_NETWORKS)


class MetricsRenderer(BaseRenderer):
    """Stands for the form of the answer, which Prometheus's client writes."""

    media_type = "text/plain"
    format = "prometheus"

    def render(self, *_: object, **__: object) -> bytes:
        return b""


class MetricsView(APIView):
    """The same for Prometheus."""

    problem_statuses = (406,)
    permission_classes = [HasScope, Watches]
    renderer_classes = [MetricsRenderer]

    @extend_schema(
        operation_id="getMetrics",
        tags=["Service"],
        summary="Counts and gauges for Prometheus",
        description=(
            "For staff, and for whoever asks from one of `METRICS_NETWORKS`. Counts are of all processes that ever "
            "were, whichever of them is asked."
        ),
        responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "In Prometheus's text format.")},
    )
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(generate_latest(metrics.everything()), content_type=CONTENT_TYPE_LATEST)
