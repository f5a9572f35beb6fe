"""What comes instead of a view's answer: a problem for programs, a page for people."""

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from sdsite.problems import CONTENT_TYPE, DATABASE_GONE, database_gone, problem_response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a suspicious request, for example an unknown host."""
    if isinstance(exception, RequestDataTooBig):
        return problem_response(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload_too_large")
    return refuse(request, HTTPStatus.BAD_REQUEST, "invalid_request", alone=True)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return refuse(request, HTTPStatus.FORBIDDEN, "permission_denied")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of its page. Django logs the reason."""
    return refuse(request, HTTPStatus.FORBIDDEN, "permission_denied", "csrf")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    return refuse(request, HTTPStatus.NOT_FOUND, "not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500, while what broke is being handled."""
    broken = sys.exception()
    if isinstance(broken, DATABASE_GONE):
        return unavailable(request, broken)
    return refuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", alone=True)


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """What a page comes to that the API would answer with `service_unavailable`."""
    refusal = database_gone(error)
    answer = refuse(request, refusal.status_code, refusal.default_code, alone=True)
    answer["Retry-After"] = str(refusal.wait)
    return answer


def refuse(
    request: HttpRequest, status: int, code: str, name: str = "", *, alone: bool = False
) -> HttpResponse:
    """A problem, or outside the API a page for those who would rather have one: the status's, or that of `name`.

    One that stands `alone` is made without the request, whose user and messages would be looked for in the database.
    """
    wants_page = request.get_preferred_type([CONTENT_TYPE, "text/html"]) == "text/html"
    if not wants_page or request.path.startswith("/api/"):
        return problem_response(request, status, code)
    context = {"request_id": request.headers.get("X-Request-Id", "")}
    page = render_to_string(f"refusals/{name or int(status)}.html", context, None if alone else request)
    return HttpResponse(page, status=status)
