"""What is around any view: the request's id, its line in the log, the limit of its body, refusals, safe cookies."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts import trail
from accounts.spans import span
from monitoring.requests import count, route_of
from sdsite.problems import DATABASE_GONE, exception_handler, problem_response
from sdsite.refusals import unavailable

HEADER = "X-Request-Id"
META_NAME = "HTTP_X_REQUEST_ID"
ACCEPTED_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

logger = logging.getLogger("sdsite.request")
SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
NextHandler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give the request an id, the client's own if it is a proper one, and write one line when it is answered.

    From here on the id is the request's `X-Request-Id` header, whatever the client sent.

    The line has neither the query string nor a body: prompts, tokens and passwords stay out of the log.
    """

    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        own_id = request.META[META_NAME] = request_id(request.META.get(META_NAME, ""))
        trail.begin(own_id)
        with span("request") as told:
            response = self.get_response(request)
            told.update_name(f"{request.method} {route_of(request)}")
            told.set_attribute("status", response.status_code)
        response[HEADER] = own_id
        seconds = time.monotonic() - started
        cause = cause_of(response)
        count(request, response, seconds, cause.get("code", ""))
        self.log(request, response, seconds, cause)
        return response

    def log(
        self, request: HttpRequest, response: HttpResponse, seconds: float, cause: dict[str, str]
    ) -> None:
        fields = {
            "method": request.method,
            "path": request.path.encode("unicode_escape").decode(),
            "status": response.status_code,
            "ms": round(seconds * 1000),
            # As far as the view has looked: the log does not ask a database that may be gone.
            "user": trail.user_id.get() or "-",
        }
        slow = seconds > settings.SLOW_REQUEST_SECONDS and not waits_for_pictures(request)
        level = logging.WARNING if slow or response.status_code >= SERVER_ERROR else logging.INFO
        line = "%(method)s %(path)s %(status)d %(ms)d ms user=%(user)s" + (" slow" if slow else "")
        told = "".join(f" {name}={value}" for name, value in cause.items())
        logger.log(
            level, line + told, fields, extra={"fields": fields | cause | ({"slow": True} if slow else {})}
        )


def cause_of(response: HttpResponseBase) -> dict[str, str]:
    """What the refusal that was answered with is called, and its reason; empty where it is none."""
    return getattr(response, "cause", {})


def waits_for_pictures(request: HttpRequest) -> bool:
    match = request.resolver_match
    return getattr(getattr(match and match.func, "cls", None), "waits_for_pictures", False)


def request_id(given: str) -> str:
    return given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex


class BodyLimitMiddleware:
    """Refuse a body over the limit by its announced length, before anything of it is read.

    Only a view that says `takes_images` is sent the larger ones.
    """

    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        takes_images = getattr(getattr(view, "cls", None), "takes_images", False)
        limit = settings.MAX_IMAGE_BODY_BYTES if takes_images else settings.MAX_BODY_BYTES
        if announced_length(request) > limit:
            return problem_response(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload_too_large")
        return None


class RefusalMiddleware:
    """A refusal that comes out of a page which does not show it, as a form of Django's own admin: ours, or the
    database's, which is gone.
    """

    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, DATABASE_GONE):
            return unavailable(request, error)
        if isinstance(error, APIException):
            return exception_handler(error, {"request": Request(request)})
        return None


class SecureCookiesMiddleware:
    """A cookie that is set over https goes over nothing else. A service without https works all the same."""

    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response


def announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
