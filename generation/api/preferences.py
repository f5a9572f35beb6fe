"""How long a client would like to wait: the header `Prefer` (RFC 7240)."""

import re
from dataclasses import dataclass

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description=(
        "`respond-async` for an answer at once, `wait=N` to wait at most N seconds for the pictures. What is not done "
        "by then goes on, and the answer is 202. A preference of another form is ignored (RFC 7240)."
    ),
)
APPLIED = OpenApiParameter(
    "Preference-Applied",
    str,
    OpenApiParameter.HEADER,
    description="The preferences that were followed.",
    response=[200, 202],
)
LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri-reference"},
    OpenApiParameter.HEADER,
    required=True,
    description="Where the generation is to be found.",
    response=[202],
)


@dataclass(frozen=True, slots=True)
class Preference:
    """`wait` is in seconds; `applied` names what the client has asked for and gets."""

    wait: float
    applied: str = ""

    @classmethod
    def of(cls, request: Request) -> "Preference":
        most = settings.GENERATION_TIMEOUT
        named = [part.strip().lower() for part in request.headers.get("Prefer", "").split(",")]
        waits = [int(found[1]) for part in named if (found := re.fullmatch(r"wait\s*=\s*(\d{1,9})", part))]
        at_once = "respond-async" in named
        applied = ["respond-async"] * at_once + [f"wait={waits[0]}" for _ in waits[:1]]
        wait = min(waits[0], most) if waits else 0 if at_once else most
        return cls(wait, ", ".join(applied))
