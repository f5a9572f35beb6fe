"""Tells Sentry of errors, where the settings name one: never what was asked for, nor with which token."""

from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.trail import trail

Event = dict[str, Any]


def start_reporting() -> None:
    """Once in each process that serves. Raises `ImproperlyConfigured` where the package is not there."""
    if not settings.SENTRY_DSN:
        return
    if find_spec("sentry_sdk") is None:
        raise ImproperlyConfigured("SENTRY_DSN needs the package sentry-sdk: see requirements-reporting.txt.")
    resolve_name("sentry_sdk:init")(
        dsn=settings.SENTRY_DSN,
        release=settings.SPECTACULAR_SETTINGS["VERSION"],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=sparing,
    )


def sparing(event: Event, _hint: Any) -> Event:
    """Of the request leave method and address: links of letters have their tokens in the query."""
    request = event.pop("request", {})
    kept = {name: request[name] for name in ("method", "url") if name in request}
    known = trail()
    if user := known.pop("user_id", ""):
        event["user"] = {"id": user}
    return event | {"request": kept, "tags": event.get("tags", {}) | known}
