"""The groups of staff that every installation has, and what each may do."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q

SUPPORT = "support"
MANAGER = "manager"

ROOMS = ("accounts", "generation")
of_the_rooms = Q(content_type__app_label__in=ROOMS)
reading = of_the_rooms & Q(codename__startswith="view_")
refunding = Q(content_type__app_label="generation", codename="refund_generation")
auditing = Q(content_type__app_label="admin", codename="view_logentry")

# What lifts somebody (groups, permissions, second factors) is with superusers alone.
GROUPS = {SUPPORT: reading | refunding, MANAGER: of_the_rooms | auditing}


def make_groups(
    sender: AppConfig | None = None, using: str = DEFAULT_DB_ALIAS, apps: Any = installed_apps, **_: Any
) -> None:
    """Make the groups, with exactly the permissions they have in this version. For the end of a migration.

    Django makes permissions there too, but one app after the other: those of our rooms may not be made yet.
    """
    for name in (*ROOMS, "admin"):
        create_permissions(installed_apps.get_app_config(name), verbosity=0, using=using, apps=apps)
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:  # a migration that stops before there are groups
        return
    for name, may in GROUPS.items():
        group, _new = groups.get_or_create(name=name)
        group.permissions.set(permissions.filter(may))
