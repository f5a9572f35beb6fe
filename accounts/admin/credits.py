"""Quotas and the ledger. Credits are given and taken by writing into the ledger, and in no other way."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from accounts.admin.lists import LongList
from accounts.models import Kind, LedgerEntry, Quota, User

MOST_GRANTED = 10**9


class QuotaInline(admin.StackedInline):
    model = Quota
    can_delete = False
    fields = ["limit", "used", "balance", "resets_at"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The limit is what plan and overrides say; the rest changes with the ledger."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A quota is made when its user first needs it."""
        return False


@admin.register(Quota)
class QuotaAdmin(LongList):
    list_display = ["user", "limit", "used", "balance", "remaining", "resets_at"]
    ordering = ["-id"]
    list_select_related = ["user"]
    fields = ["user", "limit", "used", "balance", "resets_at"]

    def has_change_permission(self, request: HttpRequest, obj: Quota | None = None) -> bool:
        """The limit is what plan and overrides say; the rest changes with the ledger."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A quota is made when its user first needs it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Quota | None = None) -> bool:
        return False


class GrantForm(forms.ModelForm):
    """A line that staff write: credits of the balance, given or taken."""

    credits = forms.IntegerField(
        min_value=-MOST_GRANTED,
        max_value=MOST_GRANTED,
        help_text="Credits that do not expire. A negative number takes some back.",
    )
    reason = forms.CharField(max_length=200, help_text="The user reads this in the ledger.")

    class Meta:
        model = LedgerEntry
        fields = ["user", "credits", "reason"]
        help_texts = {"user": "Whose credits change."}

    actor: User

    def clean_user(self) -> User | None:
        user: User | None = self.cleaned_data["user"]
        if user is not None and not self.actor.may_manage(user):
            raise forms.ValidationError("The credits of staff are with superusers.")
        return user

    def clean_credits(self) -> int:
        number: int = self.cleaned_data["credits"]
        if number == 0:
            raise forms.ValidationError("Nothing would change.")
        return number

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("user") is None:
            if "user" not in self.errors:
                self.add_error("user", "Whose credits?")
        elif values.get("credits", 0) < -Quota.objects.current(values["user"]).balance:
            self.add_error("credits", "The balance has not that much.")
        return values


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LongList):
    """Every change of credits, to be read; a new line is a grant or a correction."""

    form = GrantForm
    list_display = ["created_at", "user", "kind", "allowance", "balance", "reason", "actor", "for_generation"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["user", "actor"]
    autocomplete_fields = ["user"]

    @admin.display(description="generation", ordering="generation")
    def for_generation(self, entry: LedgerEntry) -> str:
        """The beginning of its id, which is enough to tell it from others; the line itself shows all of it."""
        return str(entry.generation)[:8] if entry.generation else ""

    def with_id(self, wanted: UUID) -> Q:
        """The lines of a user, of a purchase, or of a generation, which are found by their keys."""
        keys = [f"{kind}:{wanted}" for kind in (Kind.RESERVE, Kind.SETTLE, Kind.REFUND)]
        return Q(user=wanted) | Q(purchase=wanted) | Q(key__in=keys)

    def has_change_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> type[forms.ModelForm]:
        """The form with who writes in it."""
        form = super().get_form(request, *args, **options)
        return type(form.__name__, (form,), {"actor": request.user})

    def get_fields(self, request: HttpRequest, obj: LedgerEntry | None = None) -> list[Any]:
        if obj is None:
            return ["user", "credits", "reason"]
        return [field.name for field in LedgerEntry._meta.fields if field.name != "id"]

    def save_model(self, request: HttpRequest, obj: LedgerEntry, form: Any, change: bool) -> None:
        """Write the line with what it does to the user's credits, and take its id over."""
        assert isinstance(request.user, User)
        assert obj.user is not None
        number, reason = form.cleaned_data["credits"], obj.reason
        if number > 0:
            written = Quota.objects.grant(obj.user, number, actor=request.user, reason=reason)
        else:
            written = Quota.objects.correct(obj.user, balance=number, actor=request.user, reason=reason)
        obj.pk, obj.kind, obj.balance = written.pk, written.kind, written.balance
