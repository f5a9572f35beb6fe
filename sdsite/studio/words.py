"""What the scripts of a page say, in the language of the page."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JavaScriptCatalog


def words(_: HttpRequest) -> dict[str, Any]:
    """`words` for templates, made where it is used."""
    return {"words": catalog}


def catalog() -> dict[str, Any]:
    """The translations of what stands in the scripts; empty in the language in which it stands there."""
    language = get_language()
    return {} if not language or language == settings.LANGUAGE_CODE else translations(language)


@cache
def translations(language: str) -> dict[str, Any]:
    view = JavaScriptCatalog()
    view.translation = DjangoTranslation(
        language, domain="djangojs", localedirs=[str(path) for path in settings.LOCALE_PATHS]
    )
    return view.get_catalog()
