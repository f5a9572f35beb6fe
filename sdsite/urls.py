"""The public surface. All paths of the API stand below /api/v1 and have no trailing slash."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts import entrance
from sdsite import documents
from sdsite.studio.views import Page, PrivatePage

api: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("", include("generation.urls")),
    path("", include("monitoring.urls")),
    path("schema", documents.SchemaView.as_view(), name="schema"),
    path("docs", documents.DocsView.as_view(url_name="schema"), name="docs"),
    path("redoc", documents.RedocView.as_view(url_name="schema"), name="redoc"),
]

urlpatterns = [
    path("", Page.as_view(name="make"), name="home"),
    path("pictures/", PrivatePage.as_view(name="pictures"), name="pictures"),
    path("account/", PrivatePage.as_view(name="account"), name="my-account"),
    path("developers/", PrivatePage.as_view(name="developers"), name="developers"),
    path("api/v1/", include(api)),
    path("session/", entrance.EntranceView.as_view(), name="session"),
    # Staff come in where everybody does.
    path("admin/login/", RedirectView.as_view(pattern_name="session", query_string=True)),
    path("admin/", admin.site.urls),
]

handler400 = "sdsite.refusals.bad_request"
handler403 = "sdsite.refusals.permission_denied"
handler404 = "sdsite.refusals.not_found"
handler500 = "sdsite.refusals.server_error"
