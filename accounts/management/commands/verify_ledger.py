"""Prove that everybody's credits are what the ledger adds up to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import LedgerEntry, Quota


class Command(BaseCommand):
    help = "Compare the credits of each user with the sum of the ledger's lines. Fails where they differ."

    def handle(self, *_args: Any, **_options: Any) -> None:
        columns = ("user__email", "used", "ledger_used", "balance", "ledger_balance")
        wrong = list(Quota.objects.unexplained().values_list(*columns))
        for email, used, ledger_used, balance, ledger_balance in wrong:
            self.stderr.write(
                f"{email}: used {used}, the ledger says {ledger_used}; "
                f"balance {balance}, the ledger says {ledger_balance}"
            )
        if wrong:
            raise CommandError(f"The credits of {len(wrong)} users are not what the ledger adds up to.")
        checked = f"{Quota.objects.count()} quotas and {LedgerEntry.objects.count()} lines"
        self.stdout.write(self.style.SUCCESS(f"The ledger adds up: {checked}."))
