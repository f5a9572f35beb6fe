"""The room where accepted requests wait for a place under way. Bounded, and fair between users."""

from collections import Counter, deque
from collections.abc import Hashable

from generation.engine.errors import EngineBusy
from generation.engine.ticket import Ticket


class WaitingRoom:
    """Not locked: the engine's lock guards it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._queues: dict[Hashable, deque[Ticket]] = {}

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def put(self, ticket: Ticket) -> None:
        """Raises `EngineBusy` where the room is full."""
        if len(self) >= self._size:
            raise EngineBusy("Too many requests are waiting.")
        self._queues.setdefault(ticket.user, deque()).append(ticket)

    def take(self, under_way: Counter[Hashable]) -> Ticket | None:
        """The oldest request of the user with the fewest under way.

        Of several such users it is the one with the highest priority, and of several such the first to come.
        """
        if not self._queues:
            return None
        user = min(self._queues, key=lambda user: (under_way[user], -self._queues[user][0].priority))
        ticket = self._queues[user].popleft()
        queue = self._queues.pop(user)
        if queue:
            self._queues[user] = queue
        return ticket

    def sift(self) -> list[Ticket]:
        """Take out those that are to stop before they began."""
        stopped = [ticket for queue in self._queues.values() for ticket in queue if ticket.why_stop()]
        for ticket in stopped:
            self._queues[ticket.user].remove(ticket)
        self._queues = {user: queue for user, queue in self._queues.items() if queue}
        return stopped

    def empty(self) -> list[Ticket]:
        """Take out all."""
        everybody = [ticket for queue in self._queues.values() for ticket in queue]
        self._queues.clear()
        return everybody
