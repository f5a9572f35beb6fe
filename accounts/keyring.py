"""The caller's own tokens: make one for a program, see them, revoke one."""

from datetime import datetime

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import AuthToken
from accounts.models.tokens import GRANTED, NAME_MAX_LENGTH
from accounts.pagination import PageSerializer, paged
from accounts.queries import PageQuery
from accounts.strict import StrictSerializer

MOST_CREDITS = 2**53 - 1
TOKEN_ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH, description="The id of the token."
)


class TokenRequest(StrictSerializer):
    name = serializers.CharField(
        min_length=1, max_length=NAME_MAX_LENGTH, help_text="What it is for, to recognise it by."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=GRANTED),
        min_length=1,
        max_length=len(GRANTED),
        default=list(GRANTED),
        help_text="What it is good for: `generate` draws and charges, `read` sees what is there.",
    )
    expires_at = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="Until when it is good; null for as long as it is not revoked.",
    )
    credit_cap = serializers.IntegerField(
        min_value=1,
        max_value=MOST_CREDITS,
        default=None,
        allow_null=True,
        help_text="The most credits that can ever be spent with it; null for no cap.",
    )

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        return [scope for scope in GRANTED if scope in scopes]

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError(gettext("This moment is past."), code="past")
        return moment


class TokenSerializer(serializers.ModelSerializer[AuthToken]):
    """A token, without its secret."""

    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=["generate", "read", "account"]),
        read_only=True,
        help_text="What it is good for; the token of a login also has `account`.",
    )
    credit_cap = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="The most credits that can be spent with it; null for no cap.",
    )
    spent = serializers.IntegerField(
        read_only=True, help_text="What was spent with it; counted where there is a cap."
    )

    class Meta:
        model = AuthToken
        fields = [
            "id",
            "name",
            "start",
            "scopes",
            "credit_cap",
            "spent",
            "created_at",
            "expires_at",
            "last_used_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "start": {"help_text": "How its secret begins."},
            "expires_at": {"help_text": "Null if it never does."},
            "last_used_at": {"help_text": "Up to a minute late; null if it was never used."},
        }


class NewTokenSerializer(TokenSerializer):
    """A token that was just made, with its secret."""

    token = serializers.SerializerMethodField(help_text="Shown once. The server keeps only its digest.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields

    def get_token(self, _token: AuthToken) -> str:
        return self.context["secret"]


class TokenPageSerializer(PageSerializer):
    results = TokenSerializer(many=True)


class TokenListView(APIView):
    """Your tokens, and a new one for a program of yours."""

    problem_statuses = {"POST": (409,)}
    example = {"name": "Nightly job", "scopes": ["generate", "read"], "credit_cap": 500}

    @extend_schema(
        operation_id="listTokens",
        tags=["Accounts"],
        summary="List my tokens",
        description="The caller's own tokens without their secrets, newest first, in pages.",
        parameters=[PageQuery],
        responses={200: OpenApiResponse(TokenPageSerializer, "A page of tokens.")},
    )
    def get(self, request: Request) -> Response:
        PageQuery.check(request)
        return paged(self, request, AuthToken.objects.of(caller(request)), TokenSerializer)

    @extend_schema(
        operation_id="createToken",
        tags=["Accounts"],
        summary="Make a token",
        description=(
            "Makes a token for a program. Its secret stands in this answer and nowhere else. Only the token of "
            "a login can make others."
        ),
        request=TokenRequest,
        responses={201: OpenApiResponse(NewTokenSerializer, "The token was made.")},
    )
    def post(self, request: Request) -> Response:
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        token, secret = AuthToken.objects.give(caller(request), **body.validated_data)
        shown = NewTokenSerializer(token, context={"secret": secret})
        return Response(shown.data, status=status.HTTP_201_CREATED)


class TokenView(APIView):
    """One of your tokens."""

    @extend_schema(
        operation_id="revokeToken",
        tags=["Accounts"],
        summary="Revoke a token",
        description="The token is refused from now on. Somebody else's id answers like an unknown one.",
        parameters=[TOKEN_ID],
        responses={204: OpenApiResponse(description="The token is revoked.")},
    )
    def delete(self, request: Request, id: int) -> Response:  # noqa: A002
        get_object_or_404(AuthToken.objects.of(caller(request)), pk=id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
