"""What one's own webhooks are signed with."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import Scope
from generation.models import SigningSecret
from generation.webhooks.representations import SigningSecretSerializer


class WebhookSecretView(APIView):
    """The secret that your webhooks are signed with."""

    scope = Scope.ACCOUNT

    @extend_schema(
        operation_id="getWebhookSecret",
        tags=["Accounts"],
        summary="Show what my webhooks are signed with",
        description=(
            "The secret with which a receiver verifies that a webhook is from here. It is made when it is first "
            "asked for. Only the token of a login can ask for it."
        ),
        responses={200: OpenApiResponse(SigningSecretSerializer, "The secret.")},
    )
    def get(self, request: Request) -> Response:
        return _shown(SigningSecret.objects.of(caller(request)))

    @extend_schema(
        operation_id="rotateWebhookSecret",
        tags=["Accounts"],
        summary="Sign my webhooks with another secret",
        description=(
            "Makes another secret. For 24 hours what is sent is signed with the former one as well, unless it is "
            "rotated again."
        ),
        request=None,
        responses={200: OpenApiResponse(SigningSecretSerializer, "The new secret.")},
    )
    def post(self, request: Request) -> Response:
        return _shown(SigningSecret.objects.rotate(caller(request)))


def _shown(secret: SigningSecret) -> Response:
    return Response(SigningSecretSerializer(secret).data, headers={"Cache-Control": "no-store"})
