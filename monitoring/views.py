"""Is the service able to work."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.engine import EngineState
from monitoring.probes import FAILED, OK, RETRY_AFTER, health


class HealthChecksSerializer(serializers.Serializer):
    database = serializers.ChoiceField(choices=[OK, FAILED])
    storage = serializers.ChoiceField(choices=[OK, FAILED], help_text="Whether pictures can be written.")
    engine = serializers.ChoiceField(choices=list(EngineState))


class HealthSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=["ok", "loading", "unavailable"])
    detail = serializers.CharField(help_text="The same in a sentence.")
    checks = HealthChecksSerializer(source="*")


class HealthCheckView(APIView):
    """Whether a picture could be drawn now."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="checkHealth",
        tags=["Service"],
        summary="Is the service able to work",
        description=(
            "Looks at database, storage and engine. Answers 200 when a picture could be drawn now, else 503."
        ),
        responses={
            200: OpenApiResponse(HealthSerializer, "Able to work."),
            503: OpenApiResponse(HealthSerializer, "Not able to work now."),
        },
    )
    def get(self, request: Request) -> Response:
        found = health()
        body = HealthSerializer(found).data
        if found.status == "ok":
            return Response(body)
        headers = {"Retry-After": str(RETRY_AFTER[found.status])}
        return Response(body, status=status.HTTP_503_SERVICE_UNAVAILABLE, headers=headers)
