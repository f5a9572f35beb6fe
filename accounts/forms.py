"""The steps of the page where people come in. Each is a form, and what it does."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import WrongCredentials
from accounts.links import entrance
from accounts.models import User
from accounts.ratelimits import count_password_reset, count_registration
from accounts.resets import SENT
from accounts.views import waiting

# Holds what a letter's link brought, so that it does not stay in the address.
LETTER = "letter"


def email_field() -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "username"})
    return forms.EmailField(label=_("E-mail address"), max_length=254, widget=widget)


def new_password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        min_length=8,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least 8 characters; not a common one, not all digits, not close to your address or name."
        ),
    )


def destination(request: HttpRequest) -> str:
    """Where `next` leads to, if that is here."""
    wanted = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here else resolve_url(settings.LOGIN_REDIRECT_URL)


class Step(forms.Form):
    """`act` raises what the rules refuse."""

    title: str | Promise
    button: str | Promise
    lead: str | Promise = ""

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.request = request

    @property
    def letter(self) -> str:
        return self.request.COOKIES.get(LETTER, "")

    def act(self) -> HttpResponse:
        raise NotImplementedError

    def say(self, text: str | Promise) -> HttpResponse:
        """Back to where people sign in, with something to read."""
        messages.success(self.request, str(text))
        answer = redirect("session")
        answer.delete_cookie(LETTER, path=answer.url)
        return answer

    def enter(self, user: User) -> HttpResponse:
        login(self.request, user)
        return redirect(destination(self.request))


class SignIn(Step):
    title = button = _("Sign in")
    email = email_field()
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def act(self) -> HttpResponse:
        values = self.cleaned_data
        user = authenticate(self.request, username=values["email"], password=values["password"])
        if not isinstance(user, User):
            raise WrongCredentials
        user.admit()
        return self.enter(user)


class Register(Step):
    title = button = _("Create an account")
    email = email_field()
    password = new_password_field()
    display_name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("How to call you. It can be left empty."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    invitation = forms.CharField(
        label=_("Invitation"),
        max_length=64,
        help_text=_("Who invited you has given it to you."),
        widget=forms.TextInput,
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(request, data)
        if settings.REGISTRATION == "invited":
            self.fields["invitation"].initial = self.letter
        else:
            del self.fields["invitation"]

    @property
    def lead(self) -> str:  # type: ignore[override]  # what it says depends on the settings
        told = []
        if settings.EMAIL_CONFIRMATION:
            told.append(gettext("We will write to your address to confirm it."))
        if settings.REGISTRATION == "approved":
            told.append(
                gettext("The people who run the service look at new accounts before they can be used.")
            )
        return " ".join(told)

    def act(self) -> HttpResponse:
        count_registration(self.request)
        user = User.objects.register(entrance(self.request), **self.cleaned_data)
        return self.enter(user) if user else self.say(waiting().data["detail"])


class Forgotten(Step):
    title = _("Forgotten password")
    lead = _("We will write to you, with a link to choose a new one.")
    button = _("Send the letter")
    email = email_field()

    def act(self) -> HttpResponse:
        count_password_reset(self.request, self.cleaned_data["email"])
        User.objects.send_reset(entrance(self.request), self.cleaned_data["email"])
        return self.say(SENT["detail"])


class Reset(Step):
    title = _("Choose a new password")
    button = _("Set the password")
    password = new_password_field()

    def act(self) -> HttpResponse:
        User.objects.reset(self.letter, self.cleaned_data["password"])
        return self.say(_("Your new password is set. Sign in with it."))


class Confirm(Step):
    title = _("Confirm your e-mail address")
    lead = _("Press the button to confirm that you have got our letter.")
    button = _("Confirm")

    def act(self) -> HttpResponse:
        user = User.objects.confirm(self.letter)
        if not user.awaits_approval:
            return self.say(_("Your e-mail address is confirmed."))
        confirmed = _(
            "Your e-mail address is confirmed. Your account waits for approval by the people who run the service."
        )
        return self.say(confirmed)
