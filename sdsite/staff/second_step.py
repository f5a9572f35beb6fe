"""The pages of the second step of signing in: who has done the first one enters a code, or enrols a device."""

from typing import Any
from urllib.parse import urlencode

import django_otp
from django import forms
from django.conf import settings
from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import FormView

from accounts.models import User
from sdsite.staff import second_factor

CODE_MAX_LENGTH = 32


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=CODE_MAX_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class StepView(FormView):
    """A page for staff whose second step may be still to be done."""

    form_class = CodeForm
    title = ""

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        common = site.each_context(self.request) | {"title": self.title, "is_nav_sidebar_enabled": False}
        return super().get_context_data(**common, **context)

    def get_success_url(self) -> str:
        """Where they wanted to go, if that is here."""
        wanted = self.request.GET.get("next", "")
        here = url_has_allowed_host_and_scheme(wanted, {self.request.get_host()}, self.request.is_secure())
        return wanted if here else reverse("admin:index")

    def let_in(self, device: Any) -> None:
        """From now on the session is another one, so that an earlier one is worth no more than before."""
        self.request.session.cycle_key()
        django_otp.login(self.request, device)


class SecondStepView(StepView):
    template_name = "admin/second_step.html"
    title = "Second step"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_verified(request):
            return HttpResponseRedirect(self.get_success_url())
        if not second_factor.device_of(self.user):
            return HttpResponseRedirect(f"{reverse('admin:enrol')}?{request.GET.urlencode()}")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        device = second_factor.verified_device(self.user, form.cleaned_data["code"])
        if device is None:
            form.add_error(
                "code", "This is not the code. After a wrong one, wait a few seconds for the next try."
            )
            return self.form_invalid(form)
        self.let_in(device)
        return super().form_valid(form)


class EnrolView(StepView):
    template_name = "admin/enrol.html"
    title = "Enrol a device"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """One device per person: another one would be a way around the first."""
        if second_factor.device_of(self.user):
            return HttpResponseRedirect(f"{reverse('admin:second_step')}?{request.GET.urlencode()}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        device = second_factor.device_to_enrol(self.user)
        seen = {"qr_code": second_factor.qr_code(device), "secret": second_factor.secret_of(device)}
        return super().get_context_data(**seen, **context)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        device = second_factor.device_to_enrol(self.user)
        if not second_factor.enrol(device, form.cleaned_data["code"].replace(" ", "")):
            form.add_error("code", "This is not the code that the device shows now. Wait for its next one.")
            return self.form_invalid(form)
        self.let_in(device)
        return show_recovery_codes(self.request, self.get_success_url())


def show_recovery_codes(request: HttpRequest, onwards: str = "") -> TemplateResponse:
    """New recovery codes, shown this once."""
    assert isinstance(request.user, User)
    context = {
        **site.each_context(request),
        "title": "Recovery codes",
        "codes": second_factor.new_recovery_codes(request.user),
        "onwards": onwards or reverse("admin:index"),
    }
    return TemplateResponse(request, "admin/recovery_codes.html", context)


def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Asks first: the earlier codes are void afterwards."""
    here = urlencode({"next": reverse("admin:recovery_codes")})
    if not is_verified(request):
        return HttpResponseRedirect(f"{reverse('admin:second_step')}?{here}")
    if request.method == "POST":
        return show_recovery_codes(request)
    context = {**site.each_context(request), "title": "Recovery codes"}
    return TemplateResponse(request, "admin/recovery_codes.html", context)


def is_verified(request: HttpRequest) -> bool:
    """Whether the second step of this session is done."""
    return getattr(request.user, "otp_device", None) is not None


def is_wanted(request: HttpRequest) -> bool:
    """Whether it is still to be done."""
    return settings.STAFF_TWO_FACTOR and not is_verified(request)
