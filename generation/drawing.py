"""The three ways to a picture: from a prompt alone, from a picture, and from a picture with a mask."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import AuthToken, Scope
from accounts.ratelimits import GenerateRate
from generation.examples import EXAMPLE_IMAGE, EXAMPLE_MASK
from generation.models import Generation, Origin
from generation.offers import consider
from generation.patience import wait_for
from generation.preferences import APPLIED, LOCATION, PREFER, Preference
from generation.queries import ImagesQuery
from generation.representations import GenerationSerializer
from generation.serializers import GenerationRequest, InpaintRequest, TransformRequest
from generation.uploads import SpoolingParser, in_turn
from generation.views import context, wants_base64

PARAMETERS: list[Any] = [ImagesQuery, PREFER, APPLIED, LOCATION]
DRAWN = {
    200: OpenApiResponse(GenerationSerializer, "The pictures are done."),
    202: OpenApiResponse(GenerationSerializer, "Accepted; the pictures will be at `Location`."),
}


class DrawingView(APIView):
    """Draws what a body of `body_class` asks for."""

    problem_statuses = (402, 409, 422, 429, 500, 503, 504)
    throttle_classes = [GenerateRate]
    scope = Scope.GENERATE
    body_class: type[GenerationRequest] = GenerationRequest

    def draw(self, request: Request) -> Response:
        inline, preference = wants_base64(request), Preference.of(request)
        generation = self.accept(request)
        done = wait_for(generation, preference.wait)
        shown = GenerationSerializer(generation, context=context(request, inline=inline)).data
        headers = {"Preference-Applied": preference.applied} if preference.applied else {}
        if done:
            return Response(shown, headers=headers)
        return Response(
            shown, status.HTTP_202_ACCEPTED, headers=headers | {"Location": generation.get_absolute_url()}
        )

    def accept(self, request: Request) -> Generation:
        return self.submit(request, request.data)

    def submit(self, request: Request, data: Any) -> Generation:
        body, user = self.body_class(data=data), caller(request)
        offer = consider(body, user)
        return Generation.objects.submit(
            user,
            offer.params,
            model=offer.model,
            cost=offer.cost,
            token=request.auth if isinstance(request.auth, AuthToken) else None,
            origin=Origin(
                request.headers["X-Request-Id"],
                body.validated_data.get("request_time"),
                body.hook(request.build_absolute_uri("/")),
            ),
        )


class TextToImageView(DrawingView):
    """Send a prompt, get a picture."""

    example = {"prompt": "a red house in the snow at night"}

    @extend_schema(
        operation_id="generateImage",
        tags=["Generation"],
        summary="Draw a picture from a prompt",
        description=(
            "Draws one or more pictures and answers when they are done. Credits are reserved before the work "
            "starts and given back if it fails. The same model, parameters and seed give the same picture, "
            "up to rounding. Who would rather not wait says so in `Prefer`, and is answered with 202 and the place "
            "where the generation is to be found; so is a client whose wait runs out. Nothing accepted is lost."
        ),
        parameters=PARAMETERS,
        request=GenerationRequest,
        responses=DRAWN,
    )
    def post(self, request: Request) -> Response:
        return self.draw(request)


class ImageInputView(DrawingView):
    """Takes pictures along: a large body, which waits on disk until its turn has come."""

    parser_classes = [SpoolingParser]
    takes_images = True

    def accept(self, request: Request) -> Generation:
        with in_turn(request.data) as data:
            return self.submit(request, data)


class TransformView(ImageInputView):
    """Send a picture and a prompt, get the picture reworked."""

    body_class = TransformRequest
    example = {"prompt": "a red house in the snow at night", "image": EXAMPLE_IMAGE, "strength": 0.75}

    @extend_schema(
        operation_id="transformImage",
        tags=["Generation"],
        summary="Rework a picture after a prompt",
        description=(
            "Image-to-image: starts from a picture instead of from noise, and draws what the prompt says. "
            "`strength` says how much of the picture is given up. Answers and charges as "
            "`/text-to-image-generator` does."
        ),
        parameters=PARAMETERS,
        request=TransformRequest,
        responses=DRAWN,
    )
    def post(self, request: Request) -> Response:
        return self.draw(request)


class InpaintView(ImageInputView):
    """Send a picture, a mask and a prompt, get the white part of the mask painted anew."""

    body_class = InpaintRequest
    example = {"prompt": "a red house at sunset", "image": EXAMPLE_IMAGE, "mask": EXAMPLE_MASK}

    @extend_schema(
        operation_id="inpaintImage",
        tags=["Generation"],
        summary="Paint a part of a picture anew",
        description=(
            "Inpainting: draws what the prompt says where the mask is white, and keeps the picture where it "
            "is black. `strength` says how much of the masked part is given up. Answers and charges as "
            "`/text-to-image-generator` does."
        ),
        parameters=PARAMETERS,
        request=InpaintRequest,
        responses=DRAWN,
    )
    def post(self, request: Request) -> Response:
        return self.draw(request)
