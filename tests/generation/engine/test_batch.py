"""The policy of the ticks, without torch: nobody starves, caps hold, every member ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.batch import FULL, Batch, Member, Tick
from generation.engine.config import BUCKETS

WIDE, TALL = "wide", "tall"


def batch_of(cap: int = 32, buckets: tuple[int, ...] = BUCKETS) -> Batch:
    return Batch(buckets, lambda _key: cap)


def member(**changes: object) -> Member:
    values: dict[str, object] = {"key": WIDE, "rows": 2, "steps": 20, "user": "alice"}
    return Member(**values | changes)  # type: ignore[arg-type]


def run(batch: Batch, ticks: int, seconds: float = 0.1) -> list[Tick]:
    """Run ticks that take as long each, and take out who is finished."""
    ran = []
    for _ in range(ticks):
        tick = batch.next()
        if tick is None:
            break
        batch.charge(tick, seconds)
        for one in tick.members:
            if one.finished:
                batch.remove(one)
        ran.append(tick)
    return ran


def test_it_works() -> None:
    batch = batch_of()
    first, second = member(steps=2), member(steps=1, user="bob")
    batch.add(first)
    batch.add(second)
    together, alone = run(batch, 5)
    assert set(together.members) == {first, second}
    assert together.bucket == 4
    assert alone.bucket == 2
    assert batch.next() is None


def test_one_who_comes_later_joins_at_the_next_tick() -> None:
    batch = batch_of()
    batch.add(member())
    run(batch, 3)
    late = member(user="bob")
    batch.add(late)
    (tick,) = run(batch, 1)
    assert late in tick.members


def test_a_full_batch_makes_room_for_a_new_user() -> None:
    batch = batch_of(cap=4)
    for _ in range(6):
        batch.add(member())
    run(batch, 7)
    bob = member(user="bob")
    batch.add(bob)
    (tick,) = run(batch, 1)
    assert bob in tick.members


def test_users_share_evenly_whatever_they_ask_for() -> None:
    batch = batch_of(cap=2)
    greedy = [member(steps=1000) for _ in range(20)]
    modest = member(user="bob", steps=1000)
    for one in [*greedy, modest]:
        batch.add(one)
    run(batch, 100)
    assert modest.done == sum(one.done for one in greedy) == 50


def test_keys_share_time_by_their_users() -> None:
    batch = batch_of()
    spent = {WIDE: 0.0, TALL: 0.0}
    for user in range(3):
        batch.add(member(user=user, steps=10**6))
    batch.add(member(key=TALL, user="dora", steps=10**6))
    for _ in range(400):
        tick = batch.next()
        assert tick is not None
        seconds = {WIDE: 0.03, TALL: 0.3}[str(tick.key)]
        spent[str(tick.key)] += seconds
        batch.charge(tick, seconds)
    assert spent[WIDE] / spent[TALL] == pytest.approx(3, rel=0.25)


def test_what_did_not_fit_comes_back_in_smaller_ticks() -> None:
    batch = batch_of()
    for user in range(8):
        batch.add(member(user=user))
    tick = batch.next()
    assert tick is not None
    batch.halve(tick.key, tick.rows)
    smaller = batch.next()
    assert smaller is not None
    assert smaller.rows <= tick.bucket // 2


Requests = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from([WIDE, TALL, "square"]),
        st.integers(1, 2),
        st.integers(1, 12),
        st.integers(0, 4),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(Requests, st.integers(1, 40), st.lists(st.sampled_from(BUCKETS), min_size=1, unique=True))
def test_nobody_starves_caps_hold_and_all_end(
    requests: list[tuple[int, str, int, int, int, bool]], cap: int, buckets: list[int]
) -> None:
    """Members come and are cancelled at any tick, for any keys, users, rows and steps."""
    batch = batch_of(cap, tuple(buckets))
    coming = [
        (at, member(key=key, rows=rows, steps=steps, user=user), cancelled)
        for at, key, rows, steps, user, cancelled in requests
    ]
    everybody = [one for _, one, _ in coming]
    patience = 4 * sum(one.steps for one in everybody) * 3
    waited = dict.fromkeys(everybody, 0)
    present: set[Member] = set()
    now = 0
    while coming or present:
        for arrival in [arrival for arrival in coming if arrival[0] <= now]:
            coming.remove(arrival)
            batch.add(arrival[1])
            present.add(arrival[1])
        for one in [
            one for at, one, cancelled in _cancelled(requests, everybody) if cancelled and now > at + 5
        ]:
            if one in present:
                batch.remove(one)
                present.discard(one)
        tick = batch.next()
        assert (tick is not None) == bool(present)
        now += 1
        if tick is None:
            continue
        check(batch, tick, present)
        batch.charge(tick, 0.01 * tick.bucket)
        for one in present:
            waited[one] = 0 if one in tick.members else waited[one] + 1
            assert waited[one] < patience
        for one in tick.members:
            if one.finished:
                batch.remove(one)
                present.discard(one)
    assert batch.next() is None


def _cancelled(
    requests: list[tuple[int, str, int, int, int, bool]], everybody: list[Member]
) -> list[tuple[int, Member, bool]]:
    return [(request[0], one, request[5]) for request, one in zip(requests, everybody, strict=True)]


def check(batch: Batch, tick: Tick, present: set[Member]) -> None:
    assert tick.members
    assert len(set(tick.members)) == len(tick.members)
    assert set(tick.members) <= present
    assert {one.key for one in tick.members} == {tick.key}
    assert tick.rows <= max(batch.cap(tick.key), tick.members[0].rows)
    assert tick.rows <= tick.bucket
    assert not any(one.finished for one in tick.members)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 2), min_size=1, max_size=40))
def test_buckets_are_well_filled(rows: list[int]) -> None:
    batch = batch_of()
    for user, count in enumerate(rows):
        batch.add(member(user=user, rows=count))
    for tick in run(batch, 30):
        assert tick.rows >= FULL * tick.bucket


def test_no_more_is_remembered_than_who_is_there() -> None:
    batch = batch_of()
    for user in range(1000):
        batch.add(member(user=user, steps=1))
        batch.add(member(user="steady", steps=1))
        run(batch, 2)
    batch.add(member(user="last"))
    lane = batch._lanes[WIDE]
    assert len(lane.served) < 10
