"""Ask Stripe how everything stands, take in what was missed, and find what somebody has to look at."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Payment, Purchase, StripeEvent
from accounts.payments import gateway
from accounts.payments.checkout import close
from accounts.payments.news import News, learn, settle_debts, understood
from accounts.payments.records import Session

# Stripe delivers an event again for three days; its id is kept for longer than anybody will ask.
EVENTS_KEPT_FOR = timedelta(days=90)
# A page is open for a day. If nobody has heard of it until then, nobody was sent to it.
NEVER_OPENED = timedelta(hours=25)


@dataclass
class Reconciliation:
    """What a look at Stripe brings: `changes` were made here, `worries` a program cannot put right."""

    since: datetime
    changes: list[str] = field(default_factory=list)
    worries: list[str] = field(default_factory=list)

    def run(self) -> None:
        for session in gateway.sessions(self.since):
            self._take_in(session)
        self._ask_for_older()
        for charge in gateway.refunded_charges(self.since):
            self._take_in(charge)
        for contest in gateway.contests(self.since):
            self._take_in(contest)
        self._clear_up()
        self._worry()

    def _ask_for_older(self) -> None:
        for purchase in Purchase.objects.unpaid().filter(created_at__lt=self.since):
            session = gateway.session(purchase.session_id) if purchase.session_id else None
            if session is not None:
                self._take_in(session)
            elif purchase.session_id:
                close(purchase, Payment.EXPIRED)
                self.changes.append(f"{purchase.pk}: Stripe knows of no such page, now expired.")

    def _take_in(self, news: News) -> None:
        told = understood(news)
        before = _standing(told.session or news)
        purchase = learn(told)
        if purchase is not None:
            settle_debts(purchase)
            self._compare(before, purchase)
        elif isinstance(news, Session) and news.ours and news.state is Payment.PAID:
            self.worries.append(f"{news.id}: it is paid, and no purchase knows of it.")

    def _compare(self, before: tuple[str, int] | None, purchase: Purchase) -> None:
        if before is not None and before != (purchase.state, purchase.credited):
            was, had = before
            now = f"now {purchase.state} with {purchase.credited}"
            self.changes.append(f"{purchase.pk}: was {was} with {had} credits, {now}.")

    def _clear_up(self) -> None:
        now = timezone.now()
        for purchase in Purchase.objects.unpaid().filter(session_id=None, created_at__lt=now - NEVER_OPENED):
            close(purchase, Payment.EXPIRED)
            self.changes.append(f"{purchase.pk}: was never opened, now expired.")
        for purchase in Purchase.objects.owing():
            with transaction.atomic():
                Purchase.objects.locked(purchase.pk).settle()
        StripeEvent.objects.filter(processed_at__lt=now - EVENTS_KEPT_FOR).delete()

    def _worry(self) -> None:
        recent = Purchase.objects.filter(created_at__gte=self.since)
        for purchase in recent.exclude(attention=""):
            self.worries.append(f"{purchase.pk}: {purchase.attention}")
        for purchase in recent.owing():
            self.worries.append(
                f"{purchase.pk}: {purchase.owed} credits were spent before the payment went back."
            )


def _standing(news: News) -> tuple[str, int] | None:
    """How the purchase stands that the news is about."""
    if isinstance(news, Session):
        known = Purchase.objects.filter(pk=news.reference)
    else:
        known = Purchase.objects.filter(payment_intent=news.payment_intent or None)
    return known.values_list("state", "credited").first()
