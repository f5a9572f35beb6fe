"""Register, log in, log out, and one's own account."""

from typing import Any

from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import update_last_login
from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.exceptions import AccountDisabled, EmailTaken, WrongCredentials
from accounts.models import AuthToken, User
from accounts.ratelimits import RegisterRate
from accounts.serializers import AccountSerializer, LoginRequest, RegisterRequest, SessionSerializer


class RegisterView(APIView):
    """Create an account. The token in the answer is shown once."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [RegisterRate]
    problem_statuses = (409, 503)
    example = {"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}

    @extend_schema(
        operation_id="register",
        tags=["Accounts"],
        summary="Create an account",
        description=(
            "Creates an account and logs it in. The token stands in this answer and nowhere else: the server "
            "keeps only its digest. The password must not be common, all digits, or close to the e-mail "
            "address or the display name."
        ),
        request=RegisterRequest,
        responses={201: OpenApiResponse(SessionSerializer, "The account was created.")},
    )
    def post(self, request: Request) -> Response:
        body = RegisterRequest(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                user = User.objects.create_user(**body.validated_data)
                session = new_session(user)
        except IntegrityError as error:
            raise EmailTaken from error
        return Response(session, status=status.HTTP_201_CREATED)


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
        if not user.is_active:
            raise AccountDisabled
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


class AccountView(APIView):
    """Your profile, the credits that are left, and the limits that hold for you."""

    @extend_schema(
        operation_id="getAccount",
        tags=["Accounts"],
        summary="Show my account",
        description=(
            "The caller's profile, the credits that are left, and the limits that hold for this account."
        ),
        responses={200: OpenApiResponse(AccountSerializer, "The account.")},
    )
    def get(self, request: Request) -> Response:
        return Response(AccountSerializer(caller(request)).data)


def new_session(user: User) -> dict[str, Any]:
    """Issue a token, and show it this once."""
    token, secret = AuthToken.objects.issue(user)
    return SessionSerializer({"user": user, "token": secret, "expires_at": token.expires_at}).data
