"""Which language is spoken: the one that was chosen, or the first of the browser's or program's that we speak."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# What is in one language only. Half of a page translated would be worse.
ENGLISH = ("/admin/", "/api/v1/schema", "/api/v1/docs", "/api/v1/redoc")
WORDLESS = ("image/", "application/zip", "text/plain")


class LanguageMiddleware(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if is_english(request):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if is_english(request) or response.headers.get("Content-Type", "").startswith(WORDLESS):
            return response
        return super().process_response(request, response)


def is_english(request: HttpRequest) -> bool:
    """Whether it is for staff, about the API, or the API itself as pages."""
    if request.path.startswith(ENGLISH):
        return True
    wants_page = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
    return wants_page and request.path.startswith("/api/")
