"""Every refusal as problem details (RFC 9457), whoever raised it."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from accounts.exceptions import ServiceUnavailable

logger = logging.getLogger(__name__)

# It is gone, or all its connections are taken.
DATABASE_GONE = (OperationalError, InterfaceError)

CONTENT_TYPE = "application/problem+json"
KEPT_HEADERS = {"WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed"}

# Where DRF's code is not ours. The codes of the rooms stand in their exception classes.
CODES = {"authentication_failed": "invalid_token", "parse_error": "malformed_json", "error": "internal_error"}
TITLES = {"malformed_json": "Malformed JSON"}
DETAILS = {
    "invalid_request": _("The request is not valid."),
    "permission_denied": _("You may not do this."),
    "not_found": _("There is nothing at this address."),
    "payload_too_large": _("The body is larger than the server takes."),
    "service_unavailable": ServiceUnavailable.default_detail,
    "internal_error": _("The server made a mistake. Report the request id."),
}


def problem(request: HttpRequest, status: int, code: str, detail: str = "", **extra: Any) -> dict[str, Any]:
    """The members of a problem; `extra` holds those that are particular to the code."""
    return {
        "type": f"urn:problem:{code}",
        "title": TITLES.get(code) or code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail or DETAILS.get(code) or HTTPStatus(status).phrase,
        "instance": escape_uri_path(request.path),
        "code": code,
        "request_id": request.headers.get("X-Request-Id", ""),
        **extra,
    }


class ProblemResponse(JsonResponse):
    """`cause` is for whoever logs and counts: the code, and a reason where there is one."""

    def __init__(self, body: dict[str, Any]) -> None:
        legible = {"ensure_ascii": False}
        super().__init__(body, status=body["status"], content_type=CONTENT_TYPE, json_dumps_params=legible)
        self.cause = {name: str(body[name]) for name in ("code", "reason") if name in body}


def problem_response(request: HttpRequest, status: int, code: str) -> HttpResponse:
    return ProblemResponse(problem(request, status, code))


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """DRF's exception handler: its status and headers, our body. A page for whoever browses the API."""
    if isinstance(error, DATABASE_GONE):
        error = database_gone(error)
    elif isinstance(error, Http404):
        # What it says itself is in English, and names a table.
        error = exceptions.NotFound(DETAILS["not_found"])
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    for name, value in getattr(error, "headers", {}).items():
        response[name] = value
    request: Request = context["request"]
    body = problem(request._request, response.status_code, **_members(error, response))
    if getattr(getattr(request, "accepted_renderer", None), "format", "") == "api":
        response.data = body
        return response
    answer = ProblemResponse(body)
    for name in KEPT_HEADERS & set(response.headers):
        answer[name] = response[name]
    return answer


def database_gone(error: Exception) -> ServiceUnavailable:
    """It does not answer, or all its connections are taken."""
    logger.error("the database does not answer: %s", error)
    return ServiceUnavailable()


def _members(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        errors = list(field_errors(error.detail))
        detail = gettext("One or more fields are not valid.")
        return {"code": "invalid_request", "detail": detail, "errors": errors}
    detail = response.data["detail"]
    code = CODES.get(detail.code, detail.code)
    return {"code": code, "detail": str(detail), **getattr(error, "extra", {})}


def field_errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Flatten a validation error's detail: nested names are joined with dots, what has none is the body."""
    if isinstance(detail, dict):
        for name, nested in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from field_errors(nested, ".".join(filter(None, [field, own])))
    elif isinstance(detail, list):
        for nested in detail:
            yield from field_errors(nested, field)
    else:
        yield {"field": field or "body", "code": detail.code, "message": str(detail)}
