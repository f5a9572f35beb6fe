"""Is the service able to work."""

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses import is_from
from monitoring.health import RETRY_AFTER, look
from monitoring.representations import HealthSerializer, LivenessSerializer, ReadinessSerializer


class FromNear(BasePermission):
    """Machines near by have no token; whoever else asks needs one."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_from(request, settings.PROBE_NETWORKS) or IsAuthenticated().has_permission(request, view)


class ProbeView(APIView):
    """For load balancers, and whoever restarts processes. The schema says that a token may be left out."""

    permission_classes = [AllowAny, FromNear]


class HealthCheckView(APIView):
    """Whether a picture could be drawn now."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="checkHealth",
        tags=["Service"],
        summary="Is the service able to work",
        description=(
            "Looks at every part, for a second at most: one that does not answer by then has failed. Answers 200 when "
            "a picture could be drawn now (`ok`, or `degraded` where something is not as it should be), else 503."
        ),
        responses={
            200: OpenApiResponse(HealthSerializer, "Able to work."),
            503: OpenApiResponse(HealthSerializer, "Not able to work now."),
        },
    )
    def get(self, request: Request) -> Response:
        health = look()
        body = HealthSerializer(health).data
        if health.status in RETRY_AFTER:
            return _not_now(body, RETRY_AFTER[health.status])
        return Response(body)


class ReadyView(ProbeView):
    """Whether this process should be sent requests."""

    @extend_schema(
        operation_id="checkReadiness",
        tags=["Service"],
        summary="Should this process be sent requests",
        description=(
            "For load balancers in one of `PROBE_NETWORKS`; others need a token. 503 while it starts, is being "
            "stopped, or could answer nobody. Of many processes that only answer, each goes by itself and the "
            "database, so that pictures can be fetched without a worker."
        ),
        responses={
            200: OpenApiResponse(ReadinessSerializer, "It should."),
            503: OpenApiResponse(ReadinessSerializer, "It should not now."),
        },
    )
    def get(self, request: Request) -> Response:
        health = look()
        body = ReadinessSerializer(health).data
        return Response(body) if health.ready else _not_now(body, RETRY_AFTER.get(health.status, 2))


class LiveView(ProbeView):
    """Whether this process answers at all."""

    @extend_schema(
        operation_id="checkLiveness",
        tags=["Service"],
        summary="Does this process answer",
        description=(
            "For who asks from one of `PROBE_NETWORKS`; others need a token. Without one it touches no other part of "
            "the service. No answer within some seconds: restart the process."
        ),
        responses={200: OpenApiResponse(LivenessSerializer, "It does.")},
    )
    def get(self, request: Request) -> Response:
        return Response({"alive": True})


def _not_now(body: object, seconds: int) -> Response:
    return Response(body, status.HTTP_503_SERVICE_UNAVAILABLE, headers={"Retry-After": str(seconds)})
