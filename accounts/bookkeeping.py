"""See what became of one's credits, and ask for more."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import LedgerEntry, LimitIncrease
from accounts.pagination import paged
from accounts.queries import PageQuery
from accounts.statements import (
    IncreasePageSerializer,
    IncreaseRequest,
    IncreaseSerializer,
    LedgerEntrySerializer,
    LedgerPageSerializer,
)


class LedgerView(APIView):
    """Every change of your credits, newest first."""

    @extend_schema(
        operation_id="listLedger",
        tags=["Accounts"],
        summary="List the changes of my credits",
        description=(
            "Every charge, refund, grant and correction of the caller's credits, newest first, in pages. A "
            "generation reserves its cost when it is accepted, and settles or refunds it when it ends."
        ),
        parameters=[PageQuery],
        responses={200: OpenApiResponse(LedgerPageSerializer, "A page of the ledger.")},
    )
    def get(self, request: Request) -> Response:
        PageQuery.check(request)
        return paged(self, request, LedgerEntry.objects.of(caller(request)), LedgerEntrySerializer)


class IncreaseLimitView(APIView):
    """Ask for credits that do not expire, and see what became of it."""

    problem_statuses = {"POST": (409,)}
    example = {"credits": 500, "reason": "Pictures for a children's book"}

    @extend_schema(
        operation_id="increaseLimit",
        tags=["Accounts"],
        summary="Ask for more credits",
        description=(
            "Asks the people who run the service for credits that do not expire. They approve or decline it, "
            "and the answer comes by e-mail. One request at a time can wait for its answer."
        ),
        request=IncreaseRequest,
        responses={201: OpenApiResponse(IncreaseSerializer, "The request waits for its answer.")},
    )
    def post(self, request: Request) -> Response:
        body = IncreaseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        increase = LimitIncrease.objects.ask(
            caller(request), body.validated_data["credits"], body.validated_data["reason"]
        )
        return Response(IncreaseSerializer(increase).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="listIncreases",
        tags=["Accounts"],
        summary="List my requests for more credits",
        description="The caller's own requests for more credits, newest first, in pages.",
        parameters=[PageQuery],
        responses={200: OpenApiResponse(IncreasePageSerializer, "A page of requests.")},
    )
    def get(self, request: Request) -> Response:
        PageQuery.check(request)
        return paged(self, request, LimitIncrease.objects.of(caller(request)), IncreaseSerializer)
