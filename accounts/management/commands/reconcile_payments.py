"""Compare purchases with what Stripe knows of them; to be run every hour."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.exceptions import PaymentUnavailable
from accounts.payments.money import is_set_up
from accounts.payments.reconcile import Reconciliation

DAYS = 3


class Command(BaseCommand):
    help = (
        "Credit payments that were missed, let what is over expire, and print both. "
        "Fails where somebody has to look."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=DAYS, help="how far to look back (default: %(default)s)"
        )

    def handle(self, *_args: Any, days: int, **_options: Any) -> None:
        if not is_set_up():
            raise CommandError("Payment is not set up: see STRIPE_SECRET_KEY in the README.")
        found = Reconciliation(timezone.now() - timedelta(days=days))
        try:
            found.run()
        except PaymentUnavailable as error:
            raise CommandError("Stripe does not answer, or refuses; the log says more.") from error
        for change in found.changes:
            self.stdout.write(change)
        for worry in found.worries:
            self.stderr.write(worry)
        if found.worries:
            raise CommandError(f"Somebody has to look at {len(found.worries)} payments.")
        self.stdout.write(self.style.SUCCESS(f"All payments add up; {len(found.changes)} were put right."))
