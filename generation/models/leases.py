"""Who draws what: a worker holds a generation by a lease, which it renews for as long as it draws."""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Now

from generation.models.states import Status

if TYPE_CHECKING:
    from generation.models.generations import Generation

MOST_ATTEMPTS = 3


class Suspect(Exception):
    """Should it end its worker again, nobody else's picture is to be lost along with it."""


class LeasedQuerySet(models.QuerySet["Generation"]):
    def claim(self, *, alone: bool = False) -> "Generation | None":
        """The one whose turn it is, running from now on under a lease of its own; None where none is queued.

        Raises `Suspect` where it may have ended the worker that drew it before, unless this one draws nothing else.
        """
        with transaction.atomic():
            # On SQLite the transaction has locked the database; on PostgreSQL others pass over a locked row.
            turn = self.in_turn().select_related("user", "webhook")
            turn = turn.select_for_update(skip_locked=True, of=("self",))
            generation = turn.first()
            if generation is None:
                return None
            if generation.attempts and not alone:
                raise Suspect
            generation.take_up(uuid4(), _end_of_lease())
            return generation

    def in_turn(self) -> Self:
        """What is queued: first those whose user has the fewest running, then by the plan's priority, then by age."""
        running = self.model._default_manager.filter(user=OuterRef("user"), status=Status.RUNNING)
        count = running.order_by().values("user").annotate(count=Count("pk")).values("count")
        queued = self.filter(status=Status.QUEUED).annotate(of_user=Coalesce(Subquery(count), 0))
        return queued.order_by("of_user", "-priority", "created_at", "id")

    def renew(self, leases: Collection[UUID]) -> set[UUID]:
        """Hold on to what is drawn; gives the leases that still hold."""
        held = self.filter(status=Status.RUNNING, lease__in=leases)
        held.update(leased_until=_end_of_lease())
        return {lease for lease in held.values_list("lease", flat=True) if lease is not None}

    def take_back(self, *, at_once: bool = False) -> int:
        """Queue again what its worker no longer holds, or fail it; say how many.

        With `at_once` no lease is waited for: no other process draws, and an earlier one has ended.
        """
        lost = self.filter(status=Status.RUNNING)
        if not at_once:
            lost = lost.filter(leased_until__lt=Now())
        return sum(generation.lose("worker_lost") for generation in lost)


def _end_of_lease() -> CombinedExpression:
    """By the database's clock: those of several machines differ."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)
