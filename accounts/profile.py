"""One's own account: see it, change it, leave."""

from typing import Any

from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.exceptions import WrongPassword, naming
from accounts.links import entrance
from accounts.models import Purchase, User
from accounts.payments.checkout import abandon
from accounts.serializers import (
    AccountSerializer,
    CloseRequest,
    NoticeSerializer,
    PasswordRequest,
    ProfileRequest,
)


def prove(request: Request, password: str, field: str = "password") -> User:
    """The caller, who knows the account's password. Raises `WrongPassword`, and `RateLimited` after too many."""
    user = caller(request)
    if authenticate(request, username=user.email, password=password) != user:
        raise WrongPassword(field)
    return user


class AccountView(APIView):
    """Your profile, the credits that are left, and the limits that hold for you."""

    problem_statuses = {"PATCH": (409, 429, 503), "DELETE": (429, 503)}
    delete_takes = CloseRequest

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

    @extend_schema(
        operation_id="changeAccount",
        tags=["Accounts"],
        summary="Change my profile",
        description=(
            "Changes the display name and what pictures tell, or with the password the e-mail address. Where "
            "addresses are confirmed, the new one takes the old one's place once the link in the letter to it was "
            "opened; until then the answer is 202. Tokens stay valid."
        ),
        request=ProfileRequest,
        responses={
            200: OpenApiResponse(AccountSerializer, "The account as it is now."),
            202: OpenApiResponse(
                NoticeSerializer, "All is changed but the address, which is to be confirmed."
            ),
        },
    )
    def patch(self, request: Request) -> Response:
        body = ProfileRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return self._change(request, caller(request), **body.validated_data)

    def _change(
        self, request: Request, user: User, password: str = "", email: str = "", **profile: Any
    ) -> Response:
        if password:
            prove(request, password)
        moved = user.change_email(entrance(request), email) if email else True
        if profile:
            User.objects.filter(pk=user.pk).update(**profile)
        user.refresh_from_db()
        if moved:
            return Response(AccountSerializer(user).data)
        sent = {"code": "letter_sent", "detail": gettext("Open the link in our letter to the new address.")}
        return Response(NoticeSerializer(sent).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="deleteAccount",
        tags=["Accounts"],
        summary="Delete my account",
        description=(
            "Deletes the account with its tokens, credits, generations and pictures, at once and for ever. Lines of "
            "the ledger stay, and no longer say whose they were. An account that did something in admin is refused."
        ),
        responses={204: OpenApiResponse(description="The account is deleted.")},
    )
    def delete(self, request: Request) -> Response:
        body = CloseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = prove(request, body.validated_data["password"])
        unpaid = list(Purchase.objects.unpaid().filter(user=user))
        user.leave()
        if request.auth is None:
            logout(request)
        abandon(unpaid)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    """Change your password."""

    problem_statuses = (429, 503)
    example = {"current_password": "correct horse battery staple", "new_password": "nine quiet lighthouses"}

    @extend_schema(
        operation_id="changePassword",
        tags=["Accounts"],
        summary="Change my password",
        description=(
            "Sets another password. All tokens of the account but the one of this request are revoked, and all "
            "other sessions in browsers end."
        ),
        request=PasswordRequest,
        responses={204: OpenApiResponse(description="The password is changed.")},
    )
    def post(self, request: Request) -> Response:
        body = PasswordRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = prove(request, body.validated_data["current_password"], "current_password")
        with naming("new_password"):
            changed = user.change_password(body.validated_data["new_password"], keep=request.auth)
        if not changed:
            raise WrongPassword("current_password")
        if request.auth is None:
            update_session_auth_hash(request, user)
        return Response(status=status.HTTP_204_NO_CONTENT)
