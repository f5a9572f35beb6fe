from typing import Any

from django.conf import settings
from django.db import migrations


def keep_limits(apps: Any, _schema_editor: Any) -> None:
    """A limit that staff gave to one user was kept in the quota, which from now on follows plan and overrides."""
    overrides = apps.get_model("accounts", "PlanOverrides").objects
    given = apps.get_model("accounts", "Quota").objects.exclude(limit=settings.DEFAULT_ALLOWANCE)
    for user, limit in given.filter(user__overrides=None).values_list("user", "limit").iterator():
        overrides.create(user_id=user, allowance=limit)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_plans"),
    ]

    operations = [
        migrations.RunPython(keep_limits, migrations.RunPython.noop),
    ]
