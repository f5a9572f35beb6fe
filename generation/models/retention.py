"""How long pictures are kept: their time is over after the days that the owner's terms give; the rows stay for ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from accounts.models import Plan, PlanOverrides
from generation.models.line import LinedQuerySet
from generation.models.states import UNFINISHED, Status

if TYPE_CHECKING:
    from generation.models.generations import Generation

AT_ONCE = 200


class AgeingQuerySet(LinedQuerySet):
    def with_terms(self) -> Self:
        """What tells when pictures expire, read along."""
        return self.select_related("user__plan", "user__overrides")

    def overdue(self, now: datetime) -> Self:
        """Those with pictures that have been kept for as long as the terms of their owners say, which hold at once."""
        periods = retention_periods()
        if not periods:
            return self.none()
        kept = Coalesce(
            F("user__overrides__retention_days"),
            F("user__plan__retention_days"),
            Value(settings.PICTURES_RETENTION_DAYS),
        )
        over = Q()
        for days in periods:
            over |= Q(kept=days, finished_at__lte=now - timedelta(days=days))
        shortest = now - timedelta(days=min(periods))
        with_pictures = self.filter(status=Status.SUCCEEDED, expired_at=None, finished_at__lte=shortest)
        return with_pictures.annotate(kept=kept).filter(over).order_by("finished_at")

    def expire(self, now: datetime, *, dry_run: bool = False) -> int:
        """Remove the pictures whose time is over, a few at a time; say of how many generations.

        Files go before it is noted that they are gone: whoever is killed in between leaves no file that is not found
        again, and none is needed for the note.
        """
        if dry_run:
            return self.overdue(now).count()
        removed, waiting = 0, self.overdue(now)
        while batch := list(waiting[:AT_ONCE]):
            removed += self._expire(batch, now)
            # Those before it that stay are not gone through again.
            waiting = waiting.filter(finished_at__gte=batch[-1].finished_at)
        return removed

    def _expire(self, batch: Sequence["Generation"], now: datetime) -> int:
        for generation in batch:
            generation.folder.discard()
        ids = [generation.pk for generation in batch]
        return self.filter(pk__in=ids, expired_at=None).update(expired_at=now)

    def owning_files(self, ids: list[UUID]) -> set[UUID]:
        """Which of these still have files of theirs, or may get some."""
        kept = Q(status__in=UNFINISHED) | Q(status=Status.SUCCEEDED, expired_at=None)
        return set(self.filter(kept, pk__in=ids).values_list("pk", flat=True))


def retention_periods() -> set[int]:
    """All numbers of days that hold for anybody, but for 0, which is for ever."""
    plans = Plan.objects.values_list("retention_days", flat=True)
    overrides = PlanOverrides.objects.values_list("retention_days", flat=True)
    return {days for days in {settings.PICTURES_RETENTION_DAYS, *plans, *overrides} if days}
