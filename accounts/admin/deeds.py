"""What staff can do to many users at once."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.credits import MOST_GRANTED
from accounts.links import entrance
from accounts.models import Quota, User


class DeedForm(ActionForm):
    """What goes with the choice of an action. Whether it is right is for the action that needs it to say."""

    credits = forms.CharField(
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": MOST_GRANTED, "placeholder": "to give"}),
    )
    reason = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"maxlength": 200, "placeholder": "shown to the user"})
    )


class GrantForm(forms.Form):
    credits = forms.IntegerField(min_value=1, max_value=MOST_GRANTED)
    reason = forms.CharField(max_length=200)


class Deeds(admin.ModelAdmin):
    """Each is noted in the audit trail. Accounts that the one who acts may not change are left out."""

    action_form = DeedForm

    actions = ["approve", "disable", "enable", "grant", "reset_allowance", "revoke_tokens"]

    class Media:
        css = {"all": ["accounts/deeds.css"]}

    def changeable(self, request: HttpRequest, users: QuerySet[User]) -> QuerySet[User]:
        assert isinstance(request.user, User)
        return users.filter(request.user.manages())

    @admin.action(description="Approve the account, and tell the user", permissions=["change"])
    def approve(self, request: HttpRequest, users: QuerySet[User]) -> None:
        chosen = self.changeable(request, users)
        approved = [user for user in chosen if user.approve(entrance(request))]
        for user in approved:
            self.log_change(request, user, "Approved.")
        self.message_user(request, f"{len(approved)} accounts are approved.")

    @admin.action(description="Disable the account", permissions=["change"])
    def disable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Nobody can lock themselves out."""
        assert isinstance(request.user, User)
        others = self.changeable(request, users).exclude(pk=request.user.pk)
        for user in others:
            self.log_change(request, user, "Disabled.")
        self.message_user(request, f"{others.update(is_active=False)} accounts are disabled.")

    @admin.action(description="Enable the account", permissions=["change"])
    def enable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        chosen = self.changeable(request, users)
        for user in chosen:
            self.log_change(request, user, "Enabled.")
        self.message_user(request, f"{chosen.update(is_active=True)} accounts are enabled.")

    @admin.action(description="Give credits: say how many, and why", permissions=["grant"])
    def grant(self, request: HttpRequest, users: QuerySet[User]) -> None:
        assert isinstance(request.user, User)
        asked = GrantForm(request.POST)
        if not asked.is_valid():
            self.message_user(request, "Nothing was given: say how many credits, and why.", messages.ERROR)
            return
        number, reason = asked.cleaned_data["credits"], asked.cleaned_data["reason"]
        chosen = self.changeable(request, users)
        for user in chosen:
            Quota.objects.grant(user, number, actor=request.user, reason=reason)
            self.log_change(request, user, f"Gave {number} credits: {reason}")
        self.message_user(request, f"{number} credits were given to each of {len(chosen)} users.")

    def has_grant_permission(self, request: HttpRequest) -> bool:
        """The same as for writing a line into the ledger, which this does."""
        return request.user.has_perm("accounts.add_ledgerentry")

    @admin.action(description="Give back the allowance used in this period", permissions=["change"])
    def reset_allowance(self, request: HttpRequest, users: QuerySet[User]) -> None:
        assert isinstance(request.user, User)
        for user in self.changeable(request, users):
            used = Quota.objects.current(user).used
            if used:
                Quota.objects.correct(user, allowance=used, actor=request.user, reason="Reset by staff")
            self.log_change(request, user, f"Gave back {used} credits of the allowance.")
        self.message_user(request, "The allowance of the period is whole again.")

    @admin.action(description="Revoke all tokens", permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in self.changeable(request, users):
            count, _ = user.tokens.all().delete()
            self.log_change(request, user, f"Revoked {count} tokens.")
        self.message_user(request, "The tokens are revoked.")
