"""For those who forgot their password: a letter with a one-time link, and a new password for whoever has read it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.exceptions import naming
from accounts.links import entrance
from accounts.models import User
from accounts.ratelimits import count_password_reset
from accounts.serializers import NewPasswordRequest, NoticeSerializer, ResetRequest

SENT: dict[str, str | Promise] = {
    "code": "letter_sent",
    "detail": _("If this address has an account, a letter is on its way to it."),
}


class PasswordResetView(APIView):
    """A letter for those who forgot their password."""

    authentication_classes = []
    permission_classes = [AllowAny]
    problem_statuses = {"POST": (429, 503)}
    example = {"email": "ada@example.com"}

    @extend_schema(
        operation_id="requestPasswordReset",
        tags=["Accounts"],
        summary="Ask for a letter to set a new password",
        description=(
            "Writes to the address, if it has an account; the answer is the same if it has none. The letter has a "
            "link to a page, and a token for programs."
        ),
        request=ResetRequest,
        responses={
            202: OpenApiResponse(NoticeSerializer, "Whether there is a letter, only its reader knows.")
        },
    )
    def post(self, request: Request) -> Response:
        body = ResetRequest(data=request.data)
        body.is_valid(raise_exception=True)
        count_password_reset(request, body.validated_data["email"])
        User.objects.send_reset(entrance(request), body.validated_data["email"])
        return Response(NoticeSerializer(SENT).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="resetPassword",
        tags=["Accounts"],
        summary="Set a new password",
        description=(
            "Sets a new password with the token of the letter, which works once, for a day. All tokens of the account "
            "are revoked and all its sessions end. The address counts as confirmed."
        ),
        request=NewPasswordRequest,
        responses={204: OpenApiResponse(description="The password is set.")},
    )
    def put(self, request: Request) -> Response:
        body = NewPasswordRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with naming("password"):
            User.objects.reset(body.validated_data["token"], body.validated_data["password"])
        return Response(status=status.HTTP_204_NO_CONTENT)
