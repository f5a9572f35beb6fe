"""What the workers note about themselves, for processes that have no engine to ask."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

# A worker notes every few seconds that it is there. Whoever does not for so long is not.
LIVE = timedelta(seconds=20)
KEPT = timedelta(hours=1)


class WorkerNoteQuerySet(models.QuerySet["WorkerNote"]):
    """Times are the database's own: the clocks of several machines differ."""

    def live(self) -> Self:
        """Those that are there, the one that was seen last first."""
        return self.filter(seen_at__gte=Now() - LIVE).order_by("-seen_at", "name")

    def write(self, name: str, state: str, model: dict[str, Any] | None, figures: dict[str, Any]) -> None:
        """Note that the worker is there, and forget those that have long been gone."""
        noted = {"state": state, "model": model, "figures": figures, "seen_at": Now()}
        self.update_or_create(name=name, defaults=noted, create_defaults=noted | {"started_at": Now()})
        self.filter(seen_at__lt=Now() - KEPT).delete()


class WorkerNote(models.Model):
    """One process that draws."""

    name = models.CharField(primary_key=True, max_length=255)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=16)
    model = models.JSONField(null=True, help_text="The facts of the model that it has loaded.")
    figures = models.JSONField(default=dict, help_text="What its engine has counted.")

    objects = WorkerNoteQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
