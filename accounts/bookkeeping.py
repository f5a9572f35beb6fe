"""See what became of one's credits, and ask for more."""

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import LedgerEntry, LimitIncrease
from accounts.pagination import paged
from accounts.payments import checkout
from accounts.payments.money import is_set_up
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
            "Every charge, refund, grant, purchase and correction of the caller's credits, newest first, in pages. "
            "A generation reserves its cost when it is accepted, and settles or refunds it when it ends."
        ),
        parameters=[PageQuery],
        responses={200: OpenApiResponse(LedgerPageSerializer, "A page of the ledger.")},
    )
    def get(self, request: Request) -> Response:
        PageQuery.check(request)
        return paged(self, request, LedgerEntry.objects.of(caller(request)), LedgerEntrySerializer)


class IncreaseLimitView(APIView):
    """Ask for credits that do not expire, and see what became of it."""

    problem_statuses = {"POST": (409, 503)}
    example = {"credits": 500, "reason": "Pictures for a children's book"}

    @extend_schema(
        operation_id="increaseLimit",
        tags=["Accounts"],
        summary="Ask for more credits",
        description=(
            "Asks for credits that do not expire.\n\n"
            "Where payment is set up, the answer is `pending_payment` with a `price` and a `checkout_url`, an address "
            "to pay at. The credits are there once the payment is, which the list of requests tells. One request at "
            "a time can wait for its payment: who asks for the same again is given the same address, and who asks for "
            "something else can pay only that.\n\n"
            "Else the people who run the service approve or decline it, and the answer comes by e-mail. One request "
            "at a time can wait for its answer."
        ),
        request=IncreaseRequest,
        responses={
            201: OpenApiResponse(IncreaseSerializer, "The request waits for its payment, or for its answer.")
        },
    )
    def post(self, request: Request) -> Response:
        body = IncreaseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        wish = body.validated_data["credits"], body.validated_data["reason"]
        if is_set_up():
            increase = checkout.begin(
                caller(request), *wish, request.build_absolute_uri(reverse("my-account"))
            )
        else:
            increase = LimitIncrease.objects.ask(caller(request), *wish)
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
        own = LimitIncrease.objects.of(caller(request)).select_related("purchase")
        return paged(self, request, own, IncreaseSerializer)
