"""The three ways to a picture: from a prompt alone, from a picture, and from a picture with a mask."""

from hashlib import sha256
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import AuthToken, Scope
from accounts.ratelimits import GenerateRate
from generation.api.examples import EXAMPLE_IMAGE, EXAMPLE_MASK
from generation.api.idempotency import IN_PROGRESS_HEADERS, KEY, REPLAYED, REPLAYED_HEADER, key_of, recall
from generation.api.offers import consider
from generation.api.patience import wait_for
from generation.api.preferences import APPLIED, LOCATION, PREFER, Preference
from generation.api.queries import ImagesQuery
from generation.api.representations import GenerationSerializer
from generation.api.serializers import GenerationRequest, InpaintRequest, TransformRequest
from generation.api.uploads import SpoolingParser, digest_of, in_turn
from generation.api.views import context, wants_base64
from generation.exceptions import KeyTaken
from generation.models import UNFINISHED, Claim, Generation, IdempotencyKey, Origin

PARAMETERS: list[Any] = [ImagesQuery, PREFER, KEY, APPLIED, LOCATION, REPLAYED_HEADER]
DRAWN = {
    200: OpenApiResponse(GenerationSerializer, "The pictures are done."),
    202: OpenApiResponse(GenerationSerializer, "Accepted; the pictures will be at `Location`."),
}


class DrawingView(APIView):
    """Draws what a body of `body_class` asks for."""

    problem_statuses = (402, 409, 422, 429, 500, 503, 504)
    problem_headers = IN_PROGRESS_HEADERS
    throttle_classes = [GenerateRate]
    scope = Scope.GENERATE
    waits_for_pictures = True
    body_class: type[GenerationRequest] = GenerationRequest

    def draw(self, request: Request) -> Response:
        inline, preference, claim = wants_base64(request), Preference.of(request), self.claim(request)
        generation, before = self.accept_once(request, claim)
        if not before and not wait_for(generation, preference.wait) and claim is not None:
            IdempotencyKey.objects.note_answer(generation)
        headers = {"Preference-Applied": preference.applied} if preference.applied else {}
        headers |= REPLAYED if before else {}
        shown = GenerationSerializer(generation, context=context(request, inline=inline)).data
        if generation.status not in UNFINISHED:
            return Response(shown, headers=headers)
        headers["Location"] = generation.get_absolute_url()
        return Response(shown, status.HTTP_202_ACCEPTED, headers=headers)

    def accept_once(self, request: Request, claim: Claim | None) -> tuple[Generation, bool]:
        """What the request asks for, and whether it was accepted before under the same key."""
        if (earlier := recall(caller(request), claim)) is not None:
            return earlier, True
        try:
            return self.accept(request, claim), False
        except KeyTaken:
            # By a request that came in the same moment.
            earlier = recall(caller(request), claim)
            if earlier is None:
                raise
            return earlier, True

    def claim(self, request: Request) -> Claim | None:
        key = key_of(request)
        return Claim(key, f"{request.method} {request.path}", self.digest(request)) if key else None

    def digest(self, request: Request) -> str:
        return sha256(request.body).hexdigest()

    def accept(self, request: Request, claim: Claim | None) -> Generation:
        return self.submit(request, request.data, claim)

    def submit(self, request: Request, data: Any, claim: Claim | None) -> Generation:
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
                claim,
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

    def digest(self, request: Request) -> str:
        return digest_of(request.data)

    def accept(self, request: Request, claim: Claim | None) -> Generation:
        with in_turn(request.data) as data:
            return self.submit(request, data, claim)


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
