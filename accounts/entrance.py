"""The one page where people come in: `session/`, with its steps in the query, and without JavaScript."""

import re

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import check_for_language
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.exceptions import APIException

from accounts.exceptions import (
    CountersUnreachable,
    EmailTaken,
    InvitationInvalid,
    InvitationRequired,
    RateLimited,
)
from accounts.forms import LETTER, Confirm, Forgotten, Register, Reset, SignIn, Step, destination

STEPS: dict[str, type[Step]] = {
    "signin": SignIn,
    "register": Register,
    "forgotten": Forgotten,
    "reset": Reset,
    "confirm": Confirm,
}
# What the link of a letter brings, and the step that wants it.
LETTERS = {"reset": "reset", "confirm": "confirm", "invitation": "register"}
PROPER = re.compile(r"[\w-]{1,200}", re.ASCII)
LETTER_SECONDS = 60 * 60
FIELDS: dict[type[Exception], str] = {
    EmailTaken: "email",
    InvitationRequired: "invitation",
    InvitationInvalid: "invitation",
}


@method_decorator([never_cache, sensitive_post_parameters("password", "invitation")], name="dispatch")
class EntranceView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        for name, step in LETTERS.items():
            if name in request.GET:
                return put_away(request, request.GET[name], step)
        return self.show(request, self.form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        match request.GET.get("step"):
            case "signout":
                logout(request)
                return redirect("session")
            case "language":
                return speak(request)
        form = self.form(request)
        if form.is_valid():
            try:
                return form.act()
            except ValidationError as error:
                form.add_error("password", error)
            except APIException as error:
                form.add_error(FIELDS.get(type(error)), str(error.detail))
                return self.refuse(request, form, error)
        return self.show(request, form)

    def refuse(self, request: HttpRequest, form: Step, error: APIException) -> HttpResponse:
        """The form once more; whoever has to wait is told so in the status and the headers too."""
        answer = self.show(request, form)
        if isinstance(error, RateLimited | CountersUnreachable):
            answer.status_code = error.status_code
            answer["Retry-After"] = str(error.wait)
        return answer

    def form(self, request: HttpRequest) -> Step:
        try:
            step = STEPS[request.GET.get("step", "signin")]
        except KeyError:
            raise Http404 from None
        return step(request, request.POST if request.method == "POST" else None)

    def show(self, request: HttpRequest, form: Step) -> HttpResponse:
        wanted = destination(request)
        context = {
            "form": form,
            "step": request.GET.get("step", "signin"),
            "next": wanted,
            "passing_on": urlencode({"next": wanted}) if "next" in request.GET else "",
            "not_staff": wanted.startswith(reverse("admin:index")),
        }
        # Who is in already is told so, unless a letter brought them here.
        inside = request.user.is_authenticated and not isinstance(form, Reset | Confirm) and not form.is_bound
        return render(request, "session/inside.html" if inside else "session/step.html", context)


def speak(request: HttpRequest) -> HttpResponse:
    """Back to where one was, in the language that was chosen, which a cookie keeps."""
    answer, language = redirect(destination(request)), request.POST.get("language", "")
    if check_for_language(language):
        name, seconds = settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_AGE
        answer.set_cookie(name, language, max_age=seconds, httponly=True, samesite="Lax")
    return answer


def put_away(request: HttpRequest, letter: str, step: str) -> HttpResponse:
    """Take what a letter brought out of the address, where it would be seen and kept, into a cookie of this page."""
    here = reverse("session")
    answer = redirect(f"{here}?step={step}")
    answer.set_cookie(
        LETTER,
        letter if PROPER.fullmatch(letter) else "",
        max_age=LETTER_SECONDS,
        path=here,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer
