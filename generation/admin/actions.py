"""What staff do with the generations that they choose in the list."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Kind, LedgerEntry, User
from generation.models import Generation
from generation.work.again import CannotRunAgain, run_again

REASON_MAX_LENGTH = 200

Page = admin.ModelAdmin
# Does it, and says in words what was done; empty where there was nothing to do.
Deed = Callable[[Generation], str]


class ReasonForm(ActionForm):
    """What goes with the choice of an action."""

    reason = forms.CharField(max_length=REASON_MAX_LENGTH, required=False, label="Reason for the owner:")


@admin.action(description="Cancel: stop it and give the charge back", permissions=["handle"])
def cancel(page: Page, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
    actor, reason = _staff(request), _reason(request)
    _do(page, request, chosen, "Canceled", lambda one: "Canceled." if one.cancel(actor, reason) else "")


@admin.action(description="Refund: give the charge back, keep the pictures", permissions=["refund"])
def refund(page: Page, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
    actor, reason = _staff(request), _reason(request)
    if not reason:
        page.message_user(request, "Give a reason: the owner reads it in the ledger.", messages.ERROR)
        return

    def give_back(generation: Generation) -> str:
        if not generation.refund(actor, reason):
            return ""
        line = LedgerEntry.objects.of_generation(generation.id).get(kind=Kind.REFUND)
        return f"Refunded {line.credits} credits: {reason}"

    _do(page, request, chosen, "Refunded", give_back)


@admin.action(description="Run again: draw it anew, the owner pays", permissions=["handle"])
def again(page: Page, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
    def draw(generation: Generation) -> str:
        try:
            return f"Run again as {run_again(generation, request.headers['X-Request-Id']).id}."
        except CannotRunAgain as why:
            page.message_user(request, f"{generation}: {why}", messages.WARNING)
            return ""

    _do(page, request, chosen, "Run again", draw)


def _do(page: Page, request: HttpRequest, chosen: QuerySet[Generation], word: str, deed: Deed) -> None:
    """Do it to each, log what was done, and say to how many. Nobody settles what is their own, or a colleague's."""
    done = 0
    for generation in chosen.filter(_staff(request).manages("user__")):
        if told := deed(generation):
            page.log_change(request, generation, told)
            done += 1
    level = messages.SUCCESS if done else messages.WARNING
    page.message_user(request, f"{word}: {done} of {len(chosen)}.", level)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:REASON_MAX_LENGTH]
