"""The price of a picture, without the picture."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.exceptions import invalid
from accounts.models import AuthToken, Quota, Scope
from generation import params as limits
from generation.api.fields import PromptField, StrengthField
from generation.api.offers import consider
from generation.api.serializers import GenerationRequest
from generation.models import Generation
from generation.models.files import INPUTS
from generation.params import RequestType
from generation.work.pace import work_of

# What stands in for a prompt that was left out: it has no influence on the price.
ANYTHING = "anything"
BYTES_PER_PIXEL = {"image": 3, "mask": 1}


class QuoteRequest(GenerationRequest):
    """The body of any of the requests that draw, without the pictures that come along."""

    prompt = PromptField(
        min_length=1, required=False, help_text="It has no influence on the price, and may be left out."
    )
    request_type = serializers.ChoiceField(
        choices=list(RequestType), default=RequestType.TEXT_TO_IMAGE, help_text="Which way to a picture."
    )
    strength = StrengthField(
        required=False,
        help_text=(
            f"Of a request that starts from a picture; {limits.STRENGTH_DEFAULT:g} if left out. Of the steps, "
            "`floor(num_inference_steps * strength)` are done and paid."
        ),
    )

    def validate_request_type(self, value: str) -> str:
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = {"prompt": ANYTHING} | super().validate(attrs)
        if attrs["request_type"] != RequestType.TEXT_TO_IMAGE:
            return {"strength": limits.STRENGTH_DEFAULT} | attrs
        if "strength" in attrs:
            told = gettext("It goes with a picture; name the `request_type`.")
            raise invalid("strength", told, "not_applicable")
        return attrs

    def pixels(self, width: int, height: int) -> dict[str, bytes]:
        """Black pictures stand for those that would come along."""
        names = INPUTS[RequestType(self.validated_data["request_type"])]
        return {name: bytes(width * height * BYTES_PER_PIXEL[name]) for name in names}


class QuoteSerializer(serializers.Serializer):
    """What a request would cost now, who would pay it, and when it would be done."""

    cost = serializers.IntegerField(help_text="The credits that it would cost.")
    remaining = serializers.IntegerField(
        help_text="The credits that can be spent now; at most what is left of the token's cap."
    )
    affordable = serializers.BooleanField(help_text="Whether `cost` is at most `remaining`.")
    from_allowance = serializers.IntegerField(
        help_text="What the allowance would pay; 0 if it is not affordable."
    )
    from_balance = serializers.IntegerField(
        help_text="What the balance would pay; 0 if it is not affordable."
    )
    queue_position = serializers.IntegerField(
        min_value=1, help_text="The place among all that wait, from 1, that it would get now."
    )
    estimated_seconds = serializers.FloatField(
        allow_null=True,
        help_text="How long it would likely take until it is done; null where nothing was drawn of late to go by.",
    )


class QuoteView(APIView):
    """Ask what a picture would cost. Nothing is drawn, charged or kept."""

    problem_statuses = (503,)
    scope = Scope.READ
    example = {"width": 128, "height": 128, "num_inference_steps": 100, "num_images": 4}

    @extend_schema(
        operation_id="quote",
        tags=["Generation"],
        summary="Ask what a picture would cost",
        description=(
            "Takes what the three operations that draw take, but for the pictures that come along, which have no "
            "influence on the price; `request_type` says which of the three. Nothing is drawn, charged or kept. "
            "What would be refused there is refused here, as far as it can be known without the pictures, the "
            "credits, and what else is under way. The scope `read` is enough."
        ),
        request=QuoteRequest,
        responses={200: OpenApiResponse(QuoteSerializer, "The price.")},
    )
    def post(self, request: Request) -> Response:
        user = caller(request)
        offer = consider(QuoteRequest(data=request.data), user)
        cost, position, pace = offer.cost, Generation.objects.next_position(user), Generation.objects.pace()
        quota = Quota.objects.current(user)
        token_left = request.auth.left if isinstance(request.auth, AuthToken) else None
        remaining = quota.remaining if token_left is None else min(quota.remaining, token_left)
        from_allowance, from_balance = quota.split(cost) if cost <= remaining else (0, 0)
        quote = {
            "cost": cost,
            "remaining": remaining,
            "affordable": cost <= remaining,
            "from_allowance": from_allowance,
            "from_balance": from_balance,
            "queue_position": position,
            "estimated_seconds": pace and round(pace.until_done(work_of(offer.params), position), 1),
        }
        return Response(QuoteSerializer(quote).data)
