"""Is the service able to work."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.health import RETRY_AFTER, look
from monitoring.representations import HealthSerializer, LivenessSerializer, ReadinessSerializer


class OpenView(APIView):
    """Asked by machines that have no token."""

    authentication_classes = []
    permission_classes = [AllowAny]


class HealthCheckView(OpenView):
    """Whether a picture could be drawn now."""

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


class ReadyView(OpenView):
    """Whether this process should be sent requests."""

    @extend_schema(
        operation_id="checkReadiness",
        tags=["Service"],
        summary="Should this process be sent requests",
        description=(
            "For load balancers: 503 while it starts, is being stopped, or could answer nobody. Of many processes that "
            "only answer, each goes by itself and the database, so that pictures can be fetched without a worker."
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


class LiveView(OpenView):
    """Whether this process answers at all."""

    @extend_schema(
        operation_id="checkLiveness",
        tags=["Service"],
        summary="Does this process answer",
        description="Touches no other part of the service. No answer within some seconds: restart the process.",
        responses={200: OpenApiResponse(LivenessSerializer, "It does.")},
    )
    def get(self, request: Request) -> Response:
        return Response({"alive": True})


def _not_now(body: object, seconds: int) -> Response:
    return Response(body, status.HTTP_503_SERVICE_UNAVAILABLE, headers={"Retry-After": str(seconds)})
