"""The admin site: Django's, with a second step of signing in where the settings ask for it."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from sdsite.staff import monitoring, second_step
from sdsite.staff.overview import overview

View = Callable[..., Any]


class StaffSite(AdminSite):
    site_header = site_title = "Stable Diffusion service"
    index_title = "Overview"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not second_step.is_wanted(request)

    def has_done_first_step(self, request: HttpRequest) -> bool:
        return super().has_permission(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Who has signed in, and has the second step to do, is sent there and may go nowhere else."""
        closed = super().admin_view(view, cacheable)

        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            halfway = self.has_done_first_step(request) and second_step.is_wanted(request)
            if not halfway:
                return closed(request, *args, **kwargs)
            if request.path == reverse("admin:logout"):
                return csrf_protect(view)(request)
            onwards = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('admin:second_step')}?{onwards}")

        return update_wrapper(opened, view)

    def halfway_view(self, view: View) -> View:
        """For staff who have signed in, whether or not the second step is done."""

        def opened(request: HttpRequest) -> HttpResponse:
            if not self.has_done_first_step(request):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            return view(request)

        return never_cache(csrf_protect(opened))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        steps = [
            ("second-step/", second_step.SecondStepView.as_view(), "second_step"),
            ("enrol/", second_step.EnrolView.as_view(), "enrol"),
            ("recovery-codes/", second_step.recovery_codes, "recovery_codes"),
        ]
        own = [path(route, self.halfway_view(view), name=name) for route, view, name in steps]
        watching = [
            path("monitoring/", self.admin_view(monitoring.page), name="monitoring"),
            path("monitoring/events", self.admin_view(monitoring.events), name="monitoring_events"),
        ]
        return [*own, *watching, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"overview": overview(request), **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"two_factor": settings.STAFF_TWO_FACTOR}
