"""What the processes of the service note about themselves, for whichever of them is asked."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models.functions import Now

from monitoring.tallies import Tallies, total

# A process notes every few seconds that it is there. Whoever does not for so long is not.
LIVE = timedelta(seconds=20)
KEPT = timedelta(hours=1)
# The name of the row with the counts of all who are gone.
BYGONE = "bygone"


class ProcessNoteQuerySet(models.QuerySet["ProcessNote"]):
    """Times are the database's own: the clocks of several machines differ."""

    def live(self) -> Self:
        """Those that are there, the oldest first."""
        return self.filter(seen_at__gte=Now() - LIVE).exclude(name=BYGONE).order_by("started_at", "name")

    def renew(self, name: str, facts: dict[str, Any], tallies: Tallies) -> bool:
        """Note how a process is; say whether it was known."""
        return self.filter(name=name).update(facts=facts, tallies=tallies, seen_at=Now()) == 1

    def begin(self, name: str, role: str, facts: dict[str, Any], tallies: Tallies) -> None:
        """A process that nobody knew yet."""
        self.create(name=name, role=role, facts=facts, tallies=tallies, started_at=Now(), seen_at=Now())

    def leave(self, name: str) -> None:
        """A process that ends is not there any more. What it counted stays."""
        self.filter(name=name).update(seen_at=Now() - LIVE)

    def tallies(self) -> Iterator[Tallies]:
        """Of all processes that ever were."""
        return self.values_list("tallies", flat=True).iterator()

    @transaction.atomic
    def fold(self) -> int:
        """Add those that have long been gone to one row; say how many they were."""
        gone = list(
            self.select_for_update(skip_locked=True).filter(seen_at__lt=Now() - KEPT).exclude(name=BYGONE)
        )
        if gone:
            self.get_or_create(name=BYGONE, defaults={"started_at": Now(), "seen_at": Now()})
            bygone = self.select_for_update().get(name=BYGONE)
            bygone.tallies = total([bygone.tallies, *(note.tallies for note in gone)])
            bygone.save(update_fields=["tallies"])
            self.filter(name__in=[note.name for note in gone]).delete()
        return len(gone)


class ProcessNote(models.Model):
    """One process of the service: one that answers, one that draws, or one that does both."""

    name = models.CharField(primary_key=True, max_length=255)
    role = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    facts = models.JSONField(default=dict, help_text="How the process, its machine and its engine were.")
    tallies = models.JSONField(default=dict, help_text="What it has counted since its start.")

    objects = ProcessNoteQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
