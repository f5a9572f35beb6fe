"""Where Stripe tells what became of payments. Open to everybody, and deaf to whatever Stripe did not sign."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.payments.events import take_in
from accounts.payments.signatures import verify


class SignedEventParser(BaseParser):
    """Nothing of a body is looked at before its signature is: that is of its very bytes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        assert parser_context is not None
        body = stream.read()
        verify(body, parser_context["request"].headers.get("Stripe-Signature", ""))
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ParseError(gettext("The body is not well-formed JSON.")) from error


class EventDataSerializer(serializers.Serializer):
    object = serializers.DictField(help_text="The thing that the event is about.")


class StripeEventSerializer(serializers.Serializer):
    """An event of Stripe's. It has more members, which are not looked at."""

    id = serializers.CharField(
        min_length=1, max_length=255, help_text="The same in every delivery of the event."
    )
    type = serializers.CharField(min_length=1, max_length=100, help_text="What happened.")
    livemode = serializers.BooleanField(help_text="Whether money moved; else it is a test.")
    data = EventDataSerializer()  # type: ignore[assignment]  # DRF's base class has `data` too


class ReceiptSerializer(serializers.Serializer):
    received = serializers.BooleanField(help_text="Always true: the event need not be sent again.")


SIGNATURE = OpenApiParameter(
    "Stripe-Signature",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="`t=<seconds>,v1=<HMAC-SHA256 of the seconds, a dot and the body>`, at most five minutes old.",
)


class StripeWebhookView(APIView):
    """For Stripe alone: what became of payments."""

    authentication_classes = []
    permission_classes = [AllowAny]
    parser_classes = [SignedEventParser]
    problem_statuses = (503,)

    @extend_schema(
        operation_id="stripeWebhook",
        tags=["Payments"],
        summary="Tell what became of a payment",
        description=(
            "For Stripe alone. An event is taken in once, however often and in whatever order it is delivered; one "
            "of a type that is not ours is answered and left alone. Where Stripe has to be asked and cannot be, the "
            "answer is 503, and Stripe delivers it again."
        ),
        parameters=[SIGNATURE],
        request=StripeEventSerializer,
        responses={200: OpenApiResponse(ReceiptSerializer, "The event need not be sent again.")},
    )
    def post(self, request: Request) -> Response:
        event = StripeEventSerializer(data=request.data)
        event.is_valid(raise_exception=True)
        take_in(event.validated_data)
        return Response({"received": True})
