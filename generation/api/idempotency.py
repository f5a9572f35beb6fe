"""Asking again without being charged again: the header `Idempotency-Key`."""

import re

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.exceptions import invalid
from accounts.models import User
from generation.api.patience import refusal_of
from generation.exceptions import DrawnAndDeleted, InProgress
from generation.models import UNFINISHED, Claim, Generation, IdempotencyKey
from generation.models.idempotency import KEY_MAX_LENGTH

NAME = "Idempotency-Key"
PRINTABLE = "^[!-~]([ -~]*[!-~])?$"
REPLAYED = {"Idempotent-Replayed": "true"}

KEY = OpenApiParameter(
    NAME,
    {"type": "string", "minLength": 1, "maxLength": KEY_MAX_LENGTH, "pattern": PRINTABLE},
    OpenApiParameter.HEADER,
    description=(
        "A name of your own for this request, for example a UUID. Sent again with the same body within 24 hours, it is "
        "neither drawn nor charged again: the answer is the first one's, or 409 `in_progress` as long as that waits. "
        "With another body it is refused (422 `idempotency_mismatch`). What was refused before it was accepted may be "
        "sent again with the same key."
    ),
)
REPLAYED_HEADER = OpenApiParameter(
    "Idempotent-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    description="That this was accepted before, under the same `Idempotency-Key`.",
    response=[200, 202],
)
IN_PROGRESS_HEADERS = {
    "409": {
        "Retry-After": {
            "description": "With `in_progress`, after how many seconds to try again.",
            "schema": {"type": "integer"},
        }
    }
}


def key_of(request: Request) -> str | None:
    """The key that a request carries. Raises the refusal of one that is none."""
    key = request.headers.get(NAME)
    if key is None:
        return None
    if len(key) > KEY_MAX_LENGTH or not re.fullmatch(PRINTABLE, key):
        told = gettext("It takes 1 to {most} printable ASCII characters.")
        raise invalid(NAME, told.format(most=KEY_MAX_LENGTH))
    return key


def recall(user: User, claim: Claim | None) -> Generation | None:
    """What was accepted under the key, done or told of. Raises what its client was refused with, or would have been."""
    kept = IdempotencyKey.objects.recall(user, claim) if claim else None
    if kept is None:
        return None
    generation = kept.generation
    if generation is None:
        raise DrawnAndDeleted
    if generation.status in UNFINISHED and not kept.answered:
        pace = Generation.objects.pace()
        raise InProgress(pace.until_free(1) if pace else None)
    if generation.error_code:
        refusal = refusal_of(generation)
        refusal.headers = REPLAYED  # type: ignore[attr-defined]  # read by the exception handler
        raise refusal
    return generation
