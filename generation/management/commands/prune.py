"""Remove what has been kept for long enough; to be run every day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from generation.models import Generation, IdempotencyKey
from generation.models.deliveries import WebhookDelivery
from generation.models.idempotency import KEPT
from generation.pictures.leftovers import remove_leftovers

# What is younger may still be written by somebody.
LEFT_ALONE = timedelta(hours=1)
# How long one can look up, and send again, what was told to others' servers.
LOG_KEPT = timedelta(days=30)
AT_ONCE = 1000


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
    yield "generations' pictures", Generation.objects.expire(now, dry_run=dry_run)
    old = {
        "idempotency keys": IdempotencyKey.objects.old(now - KEPT),
        "webhook deliveries": WebhookDelivery.objects.old(now - LOG_KEPT),
        "sessions": Session.objects.filter(expire_date__lt=now),
    }
    for what, rows in old.items():
        yield what, rows.count() if dry_run else remove(rows)
    files, folders = remove_leftovers(now - LEFT_ALONE, dry_run=dry_run)
    yield "half-written files", files
    yield "abandoned folders", folders


def remove(rows: QuerySet[Any]) -> int:
    """A few at a time, so that nobody waits for it."""
    removed = 0
    while some := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.filter(pk__in=some).delete()
        removed += len(some)
    return removed
