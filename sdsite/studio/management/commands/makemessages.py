"""Django's `makemessages`, of what people read on the pages and in the answers of the API."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages

DOMAINS = ("django", "djangojs")
# What only staff and developers see is English.
IGNORED = (
    "tests",
    "docs",
    "var",
    "accounts/admin",
    "generation/admin",
    "generation/templates",
    "sdsite/staff",
    "templates/admin",
    "templates/drf_spectacular",
    "templates/rest_framework",
)
# It changes with every run.
DATE = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)


class Command(makemessages.Command):
    help = "Gather what is to be translated into the catalogues of all languages."

    # What has no translation is better left without one than guessed.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options |= {"all": True, "no_obsolete": True, "no_wrap": True, "add_location": "file"}
        for domain in DOMAINS:
            super().handle(*args, **options | {"domain": domain, "ignore_patterns": list(IGNORED)})
        for folder in settings.LOCALE_PATHS:
            for catalogue in Path(folder).rglob("*.po"):
                catalogue.write_text(DATE.sub("", catalogue.read_text("utf-8")), "utf-8")
