"""Where in the queue a generation stands, and how fast the queue moves."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from accounts.models import User
from generation.models.leases import LeasedQuerySet
from generation.models.states import UNFINISHED, Status
from generation.work.pace import Memo, Pace

if TYPE_CHECKING:
    from generation.models.generations import Generation

# What the pace is measured by: the newest of what was drawn of late.
OF_LATE = timedelta(minutes=10)
MOST_MEASURED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """All that are queued: the place of each, and by what they are ordered."""

    places: dict[UUID, int]
    turns: list[tuple[int, int]]

    def next_place(self, turn: int, priority: int) -> int:
        """Of one that would come now, as the `turn`-th of its user's."""
        return bisect_right(self.turns, (turn, -priority)) + 1


line_memo: Memo[Line] = Memo(seconds=1)
pace_memo: Memo[Pace | None] = Memo(seconds=1)


class LinedQuerySet(LeasedQuerySet):
    def in_line(self) -> Self:
        """What is queued, as it will be claimed if nothing ends and nobody else comes.

        `turn` is which of its user's it is, counted from those that are being drawn.
        """
        of_own = Window(RowNumber(), partition_by="user", order_by=["-priority", "created_at", "id"])
        lined = self.in_turn().annotate(turn=F("of_user") + of_own)
        return lined.order_by("turn", "-priority", "created_at", "id")

    def position(self, generation: "Generation") -> int | None:
        """Its place among all that are queued, from 1, up to a second old; None where it is not queued."""
        if generation.status != Status.QUEUED:
            return None
        line = line_memo.get(self._line)
        if generation.id not in line.places:
            line = line_memo.renew(self._line)
        # It may have been claimed since it was read.
        return line.places.get(generation.id, 1)

    def next_position(self, user: User) -> int:
        """The place that a request of this user's would get now."""
        turn = self.filter(user=user, status__in=UNFINISHED).count() + 1
        return self._line().next_place(turn, user.terms.priority)

    def pace(self) -> Pace | None:
        """How fast it goes, up to a second old; None where nothing was drawn of late."""
        return pace_memo.get(self._pace)

    def _line(self) -> Line:
        lined: Any = self.in_line()
        rows = list(lined.values_list("id", "turn", "priority"))
        places = {row[0]: place for place, row in enumerate(rows, start=1)}
        return Line(places, [(turn, -priority) for _, turn, priority in rows])

    def _pace(self) -> Pace | None:
        # The float comes first: the others multiplied are more than an integer of PostgreSQL's holds.
        strength = Coalesce("strength", 1.0)
        work = strength * F("width") * F("height") * F("num_inference_steps") * F("num_images")
        done = self.filter(status=Status.SUCCEEDED).order_by("-created_at", "-id").annotate(work=work)
        newest = done.values_list("started_at", "finished_at", "work")[:MOST_MEASURED]
        rows = [
            (finished - started, work)
            for started, finished, work in newest
            if started and finished and finished > timezone.now() - OF_LATE
        ]
        if not rows:
            return None
        seconds = max(0.001, fmean(took.total_seconds() for took, _ in rows))
        at_once = self.filter(status=Status.RUNNING).count()
        return Pace(seconds, fmean(work for _, work in rows), at_once)
