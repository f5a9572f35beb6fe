"""What is around any view: the request's id, its line in the log, the limit of its body, refusals, safe cookies."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import LazyObject, empty
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from monitoring.requests import count
from sdsite.logs import current_request_id
from sdsite.problems import DATABASE_GONE, database_gone, exception_handler, problem_response

HEADER = "X-Request-Id"
META_NAME = "HTTP_X_REQUEST_ID"
ACCEPTED_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

logger = logging.getLogger("sdsite.request")
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
        # It stays until this thread's next request: Django logs errors after the last middleware.
        current_request_id.set(own_id)
        response = self.get_response(request)
        response[HEADER] = own_id
        seconds = time.monotonic() - started
        count(request, response, seconds, problem_code(response))
        self.log(request, response, seconds)
        return response

    def log(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        user = known_user(request)
        logger.info(
            "%s %s %d %d ms user=%s",
            request.method,
            request.path.encode("unicode_escape").decode(),
            response.status_code,
            seconds * 1000,
            user.pk if user is not None and user.is_authenticated else "-",
        )


def known_user(request: HttpRequest) -> Any:
    """Whose request it is, as far as the view has looked: the log does not ask a database that may be gone."""
    user = getattr(request, "user", None)
    return None if isinstance(user, LazyObject) and user._wrapped is empty else user


def problem_code(response: HttpResponseBase) -> str:
    """What the refusal that was answered with is called; empty where it is none."""
    return str(getattr(response, "problem_code", ""))


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
            return database_gone(request, error)
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
