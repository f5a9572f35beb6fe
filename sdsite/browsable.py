"""The API as pages, for a person with a browser who is logged in."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.views import View
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import Request

LONGEST_SHOWN = 100
METHOD_NOT_ALLOWED = HTTPStatus.METHOD_NOT_ALLOWED


class BrowsableRenderer(BrowsableAPIRenderer):
    """Shows pictures as pictures, and offers the body to send: the last one, or the view's `example`."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        context = renderer_context or {}
        page = super().render(data, accepted_media_type, context)
        # Who only asks for the page of a form is shown it, and has done nothing wrong.
        if context["request"].method == "GET" and context["response"].status_code == METHOD_NOT_ALLOWED:
            context["response"].status_code = HTTPStatus.OK
        # DRF's frame does not say in which language it is.
        return page.replace("<html>", f'<html lang="{get_language()}">', 1)

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        return context | {"pictures": list(pictures(data))}

    def get_content(
        self,
        renderer: BaseRenderer,
        data: Any,
        accepted_media_type: str | None,
        renderer_context: Mapping[str, Any],
    ) -> str:
        return super().get_content(renderer, shortened(data), accepted_media_type, renderer_context)

    def get_raw_data_form(self, data: Any, view: View, method: str, request: Request) -> forms.Form | None:
        form = super().get_raw_data_form(data, cast("Any", view), method, request)
        if form:
            form.fields["_content_type"].widget = forms.HiddenInput(attrs={"data-override": "content-type"})
            form.fields["_content"].initial = json.dumps(body_to_offer(view, method, request), indent=2)
        return form


def pictures(data: Any) -> list[Any]:
    """The pictures in an answer, of one generation or of a page of them, with the prompts that they were drawn for."""
    if not isinstance(data, Mapping):
        return []
    return [
        image | {"prompt": generation["parameters"]["prompt"]}
        for generation in data.get("results", [data])
        for image in generation.get("images", [])
    ]


def shortened(data: Any) -> Any:
    """The answer as it is shown: pictures are nothing to read as base64."""
    if isinstance(data, Mapping):
        return {
            name: f"{value[:LONGEST_SHOWN]}… ({len(value)} characters)"
            if name == "image" and isinstance(value, str)
            else shortened(value)
            for name, value in data.items()
        }
    if isinstance(data, list):
        return [shortened(value) for value in data]
    return data


def body_to_offer(view: View, method: str, request: Request) -> Any:
    sent = request.data if request.method == method else None
    if isinstance(sent, Mapping) and sent and "password" not in sent:
        return sent
    return getattr(view, "example", {})
