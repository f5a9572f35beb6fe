"""Register, log in, log out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import update_last_login
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.exceptions import ApprovalPending, EmailUnconfirmed, WrongCredentials, naming
from accounts.links import entrance
from accounts.models import AuthToken, User
from accounts.ratelimits import RegisterRate
from accounts.serializers import (
    ConfirmRequest,
    LoginRequest,
    NoticeSerializer,
    RegisterRequest,
    SessionSerializer,
)


class RegisterView(APIView):
    """Create an account. The token in the answer is shown once."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [RegisterRate]
    problem_statuses = {"POST": (403, 409, 503), "PUT": (409,)}
    example = {"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}

    @extend_schema(
        operation_id="register",
        tags=["Accounts"],
        summary="Create an account",
        description=(
            "Creates an account and logs it in. The token stands in this answer and nowhere else: the server "
            "keeps only its digest. The password must not be common, all digits, or close to the e-mail "
            "address or the display name. Where the address has to be confirmed, or staff approve accounts, the "
            "answer is 202 and has no token. Where addresses are confirmed, a taken one is answered the same, "
            "and its owner gets a letter."
        ),
        request=RegisterRequest,
        responses={
            201: OpenApiResponse(SessionSerializer, "The account was created."),
            202: OpenApiResponse(NoticeSerializer, "The account cannot be used yet."),
        },
    )
    def post(self, request: Request) -> Response:
        body = RegisterRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with naming("password"):
            user = User.objects.register(entrance(request), **body.validated_data)
        if user is None:
            return Response(waiting().data, status=status.HTTP_202_ACCEPTED)
        return Response(new_session(user), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="confirmEmail",
        tags=["Accounts"],
        summary="Confirm an e-mail address",
        description=(
            "Confirms the address of a new account, or the new address of an old one, with the token of the "
            "letter that was sent there. It works once, for a day."
        ),
        request=ConfirmRequest,
        responses={204: OpenApiResponse(description="The address is confirmed.")},
    )
    def put(self, request: Request) -> Response:
        body = ConfirmRequest(data=request.data)
        body.is_valid(raise_exception=True)
        User.objects.confirm(body.validated_data["token"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class LoginView(APIView):
    """Exchange e-mail address and password for a new token."""

    authentication_classes = []
    permission_classes = [AllowAny]
    problem_statuses = (401, 403, 429, 503)
    example = {"email": "ada@example.com", "password": "correct horse battery staple"}

    @extend_schema(
        operation_id="login",
        tags=["Accounts"],
        summary="Log in",
        description=(
            "Exchanges e-mail address and password for a new token. Tokens given out earlier stay valid. An "
            "unknown address and a wrong password give the same answer."
        ),
        request=LoginRequest,
        responses={200: OpenApiResponse(SessionSerializer, "A new token.")},
    )
    def post(self, request: Request) -> Response:
        body = LoginRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = authenticate(
            request, username=body.validated_data["email"], password=body.validated_data["password"]
        )
        if not isinstance(user, User):
            raise WrongCredentials
        user.admit()
        update_last_login(User, user)
        return Response(new_session(user))


class LogoutView(APIView):
    """Revoke the token that this request was made with."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="logout",
        tags=["Accounts"],
        summary="Log out",
        description=(
            "Revokes the token that this request was made with. Other tokens of the account stay valid."
        ),
        request=None,
        responses={204: OpenApiResponse(description="The token is revoked.")},
    )
    def post(self, request: Request) -> Response:
        if isinstance(request.auth, AuthToken):
            request.auth.delete()
        else:
            logout(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def waiting() -> NoticeSerializer:
    """What a new account waits for. It follows from the settings alone, because it must not tell taken addresses."""
    reason = EmailUnconfirmed if settings.EMAIL_CONFIRMATION else ApprovalPending
    return NoticeSerializer({"code": reason.default_code, "detail": reason.default_detail})


def new_session(user: User) -> dict[str, Any]:
    """Issue a token, and show it this once."""
    token, secret = AuthToken.objects.issue(user)
    return SessionSerializer({"user": user, "token": secret, "expires_at": token.expires_at}).data
