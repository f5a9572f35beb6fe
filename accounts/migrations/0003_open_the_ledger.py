"""What was used and given before there was a ledger, as its first lines."""

from typing import Any

from django.db import migrations


def open_ledger(apps: Any, _schema_editor: Any) -> None:
    entries = apps.get_model("accounts", "LedgerEntry").objects
    for quota in apps.get_model("accounts", "Quota").objects.exclude(used=0, balance=0).iterator():
        entries.create(
            user_id=quota.user_id,
            kind="correction",
            allowance=-quota.used,
            balance=quota.balance,
            period_ends=quota.resets_at,
            reason="Carried over from before the ledger",
            key=f"opening:{quota.pk}",
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_ledger_and_increases")]

    operations = [migrations.RunPython(open_ledger, migrations.RunPython.noop)]
