"""Which rows run in the next tick. Policy only: no torch, no threads, no clock.

A **member** is one picture of a request; it takes one row of a tick, or two with guidance. Members whose rows
fit into one UNet call (same latent shape) share a **lane**. Between lanes time is shared by deficit round robin
(Shreedhar and Varghese 1995), in proportion to their users; inside a lane, users are served by the rows they
have had (start-time fair queueing, Goyal et al. 1996), and each user's members in the order they came.
"""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

# Seconds of the device that each user of a lane adds to its share per round.
QUANTUM = 0.05
# A tick as full as this is not made smaller to fill a bucket exactly.
FULL = 0.85


@dataclass(eq=False, slots=True, kw_only=True)
class Member:
    """One picture on its way through its steps. `state` belongs to the runner."""

    key: Hashable
    rows: int
    steps: int
    user: Hashable = None
    done: int = 0
    state: Any = None

    @property
    def finished(self) -> bool:
        return self.done >= self.steps


@dataclass(frozen=True, slots=True)
class Tick:
    """Members to be taken one step further together, padded to `bucket` rows."""

    key: Hashable
    members: tuple[Member, ...]
    bucket: int

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.members)


@dataclass(eq=False, slots=True)
class _Lane:
    """The members of one key. `served` holds the rows that each user has had, counted from a common start."""

    key: Hashable
    members: list[Member] = field(default_factory=list)
    served: dict[Hashable, int] = field(default_factory=dict)
    deficit: float = 0.0

    def users(self) -> set[Hashable]:
        return {member.user for member in self.members}

    def add(self, member: Member) -> None:
        """A user who comes new starts level with the one who was served least."""
        if member.user not in (present := self.users()):
            least = min((self.served[user] for user in present), default=0)
            self.served = {
                user: rows for user, rows in self.served.items() if rows > least or user in present
            }
            self.served.setdefault(member.user, least)
        self.members.append(member)

    def in_order(self, rows: int) -> list[Member]:
        """Members for at most `rows` rows: always the oldest of the user who was served least."""
        queues: dict[Hashable, deque[Member]] = {}
        for member in self.members:
            queues.setdefault(member.user, deque()).append(member)
        served = {user: (self.served[user], queue[0].done > 0) for user, queue in queues.items()}
        chosen: list[Member] = []
        while queues and rows > 0:
            user = min(queues, key=served.__getitem__)
            member = queues[user].popleft()
            if member.rows <= rows or not chosen:
                chosen.append(member)
                rows -= member.rows
            served[user] = (served[user][0] + member.rows, True)
            if not queues[user]:
                del queues[user]
        return chosen


class Batch:
    """The members under way, and the choice of the next tick.

    `buckets` are the numbers of rows that a tick may have, ascending; `cap(key)` is the most rows for a key.
    """

    def __init__(self, buckets: Sequence[int], cap: Callable[[Hashable], int]) -> None:
        self.buckets = tuple(sorted(buckets))
        self._cap = cap
        self._ceilings: dict[Hashable, int] = {}
        self._lanes: dict[Hashable, _Lane] = {}
        self._turn: deque[_Lane] = deque()

    @property
    def members(self) -> list[Member]:
        return [member for lane in self._turn for member in lane.members]

    def add(self, member: Member) -> None:
        lane = self._lanes.get(member.key)
        if lane is None:
            lane = self._lanes[member.key] = _Lane(member.key)
            self._turn.append(lane)
        lane.add(member)

    def remove(self, member: Member) -> None:
        lane = self._lanes[member.key]
        lane.members.remove(member)
        if not lane.members:
            self._turn.remove(self._lanes.pop(member.key))

    def cap(self, key: Hashable) -> int:
        """The most rows of a tick: what the device gains from, or what last fitted into its memory."""
        most = min(self._cap(key), self._ceilings.get(key, self.buckets[-1]), self.buckets[-1])
        return max(1, most)

    def halve(self, key: Hashable, rows: int) -> None:
        """Remember that `rows` rows did not fit."""
        self._ceilings[key] = max(1, rows // 2)

    def next(self) -> Tick | None:
        """The next tick, or None where nobody is under way."""
        if not self._turn:
            return None
        while (lane := self._turn[0]).deficit <= 0:
            lane.deficit += QUANTUM * len(lane.users())
            self._turn.rotate(-1)
        return self._fill(lane)

    def charge(self, tick: Tick, seconds: float) -> None:
        """Note that a tick ran, and how long it took: its lane and its users have had their turn."""
        lane = self._lanes[tick.key]
        lane.deficit = max(lane.deficit - seconds, -seconds)
        for member in tick.members:
            lane.served[member.user] += member.rows
            member.done += 1

    def _fill(self, lane: _Lane) -> Tick:
        """As many rows as fill a bucket well; the member whose turn it is always goes along."""
        order = lane.in_order(self.cap(lane.key))
        best = self._tick(lane.key, order)
        for bucket in reversed(self.buckets):
            if best.rows >= FULL * best.bucket or bucket < order[0].rows:
                break
            if bucket < best.bucket:
                smaller = self._tick(lane.key, _fitting(order, bucket))
                best = max(best, smaller, key=lambda tick: tick.rows / tick.bucket)
        return best

    def _tick(self, key: Hashable, members: list[Member]) -> Tick:
        rows = sum(member.rows for member in members)
        bucket = next((bucket for bucket in self.buckets if bucket >= rows), rows)
        return Tick(key, tuple(members), bucket)


def _fitting(order: list[Member], rows: int) -> list[Member]:
    """The members of `order` that fit into `rows` rows, taken in turn."""
    chosen = []
    for member in order:
        if member.rows <= rows:
            chosen.append(member)
            rows -= member.rows
    return chosen
