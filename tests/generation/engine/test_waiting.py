"""Who leaves the waiting room first."""

from collections import Counter
from collections.abc import Callable

import pytest

from generation.engine.errors import EngineBusy
from generation.engine.ticket import Ticket
from generation.engine.waiting import WaitingRoom
from generation.params import GenerationParams

Make = Callable[..., GenerationParams]


def order(room: WaitingRoom, **under_way: int) -> str:
    """The users in the order in which they are taken, while nothing ends."""
    counted, taken = Counter(under_way), []
    while ticket := room.take(counted):  # type: ignore[arg-type]
        taken.append(str(ticket.user))
        counted[str(ticket.user)] += 1
    return "".join(taken)


@pytest.fixture
def room(params: Make) -> Callable[..., WaitingRoom]:
    """Makes a room in which users wait, each letter one of them, with their priorities."""

    def make(users: str, **priorities: int) -> WaitingRoom:
        room = WaitingRoom(len(users))
        for user in users:
            room.put(Ticket(params(), user=user, priority=priorities.get(user, 0)))
        return room

    return make


def test_who_has_the_fewest_under_way_goes_first(room: Callable[..., WaitingRoom]) -> None:
    assert order(room("aaab")) == "abaa"
    assert order(room("aab"), a=1) == "baa"


def test_among_equals_priority_decides(room: Callable[..., WaitingRoom]) -> None:
    assert order(room("abc", b=1, c=2)) == "cba"
    assert order(room("aabb", b=1)) == "baba"


def test_priority_does_not_outweigh_what_is_under_way(room: Callable[..., WaitingRoom]) -> None:
    assert order(room("abb", b=9), b=1) == "abb"


def test_a_full_room_takes_nobody(room: Callable[..., WaitingRoom], params: Make) -> None:
    with pytest.raises(EngineBusy):
        room("a").put(Ticket(params(), user="b", priority=9))
