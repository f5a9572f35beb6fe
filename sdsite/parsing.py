"""JSON bodies, read strictly: what is ambiguous, or would break something later, is refused here."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import JSONParser

MAX_DEPTH = 32
MAX_DIGITS = 20
LONGEST_ECHO = 64

# A string, finished or not, or a bracket. Possessive, so that no input makes it backtrack.
STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# A body without any of these holds nothing that `unusable` would find, and need not be walked.
SUSPECT = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity|\d[eE]\+?\d|\d{%d}" % MAX_DIGITS)
BAD_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class MalformedJSON(ParseError):
    default_detail = _("The body is not well-formed JSON.")
    default_code = "malformed_json"


class StrictJSONParser(JSONParser):
    """Refuses deep nesting, invalid UTF-8, NaN and Infinity, doubled names, NUL and lone surrogates."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refuse_other_charsets(media_type or self.media_type)
        body = stream.read()
        refuse_depth(body)
        value = load(body)
        error = next(unusable(value), None) if SUSPECT.search(body) else None
        if error is not None:
            raise error
        return value


def refuse_other_charsets(content_type: str) -> None:
    _, parameters = parse_header_parameters(content_type)
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(
            content_type, detail=gettext("JSON is always UTF-8; send no other charset.")
        )


def refuse_depth(body: bytes) -> None:
    """Count brackets before parsing: Python's parser recurses, and a RecursionError is not a ValueError."""
    depth = 0
    for match in STRING_OR_BRACKET.finditer(body):
        token = body[match.start()]
        if token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
        if depth > MAX_DEPTH:
            told = gettext("The body is nested more than {most} levels deep.")
            raise MalformedJSON(told.format(most=MAX_DEPTH))


def load(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_int=_integer, object_pairs_hook=_object)
    except ValueError as error:
        raise MalformedJSON from error


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _refusal(name, "duplicate", gettext("This field is given twice."))
        members[name] = value
    return members


def unusable(value: Any, field: str = "body") -> Iterator[ValidationError]:
    """Find, below `field`, text that cannot be stored and numbers that are none."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from unusable(name, name)
            yield from unusable(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from unusable(member, field)
    elif isinstance(value, str) and BAD_CHARACTER.search(value):
        yield _refusal(field, "invalid", gettext("NUL and lone surrogates are not allowed."))
    elif isinstance(value, float) and not math.isfinite(value):
        told = gettext("A finite number of at most {most} digits is required.")
        yield _refusal(field, "invalid", told.format(most=MAX_DIGITS))


def _refusal(field: str, code: str, message: str) -> ValidationError:
    printable = BAD_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", field[:LONGEST_ECHO])
    return ValidationError({printable: [ErrorDetail(message, code=code)]})
