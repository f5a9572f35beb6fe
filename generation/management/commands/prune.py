"""Remove what has been kept for long enough; to be run every day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from generation.leftovers import remove_leftovers
from generation.models import Generation

# What is younger may still be written by somebody.
LEFT_ALONE = timedelta(hours=1)


class Command(BaseCommand):
    help = (
        "Remove the pictures whose time is over, what killed processes left in their storage, and rows that are of "
        "no more use. Generations and the ledger stay. A run that is interrupted is taken up by the next."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        verb = "would be removed" if dry_run else "removed"
        for what, number in pruned(timezone.now(), dry_run):
            self.stdout.write(f"{what}: {number} {verb}")


def pruned(now: datetime, dry_run: bool) -> Iterator[tuple[str, int]]:
    yield "generations' pictures", Generation.objects.prune(now, dry_run=dry_run)
    for model in apps.get_models():
        # Each model whose rows age says so, and how, with a method of its manager.
        prune = getattr(model._default_manager, "prune", None)
        if prune is not None and model is not Generation:
            yield str(model._meta.verbose_name_plural), prune(now, dry_run=dry_run)
    over = Session.objects.filter(expire_date__lt=now)
    yield "sessions", over.count() if dry_run else over.delete()[0]
    files, folders = remove_leftovers(now - LEFT_ALONE, dry_run=dry_run)
    yield "half-written files", files
    yield "abandoned folders", folders
