"""The WSGI entry: Django, with chunked bodies made known to it, and bodies read to their end for a proxy."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sdsite.settings")

PIECE = 2**18


class MeasuredBody:
    """Give a chunked body its length, for Django reads a body without Content-Length as an empty one.

    Of a body over the limit only one byte more than the limit is read: enough for Django to refuse it.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("wsgi.input_terminated") and "CONTENT_LENGTH" not in environ:
            body = environ["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)


class ReadBody:
    """Read what a refusal has left unread, where a proxy has the body already.

    To a proxy that is still sending, a connection that closes is one that broke: it would tell its client that the
    service is down instead of what the refusal says. Without a proxy nobody waits for a client that is slow to send.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        left = settings.MAX_IMAGE_BODY_BYTES if settings.TRUSTED_PROXIES else 0
        while left > 0 and (piece := environ["wsgi.input"].read(min(left, PIECE))):
            left -= len(piece)
        return answer


application = ReadBody(MeasuredBody(get_wsgi_application()))
