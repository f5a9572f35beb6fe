"""The requests under way: what they are made of, and one turn of the engine for all of them.

Everything that can go wrong with one request ends here, as that request's error.
"""

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, TypeVar

from generation.engine.batch import Batch, Member, Tick
from generation.engine.errors import DeviceLost, EngineError, OutOfMemory
from generation.engine.figures import Figures
from generation.engine.request import Request
from generation.engine.runner import Pending, Runner
from generation.engine.ticket import Ticket
from generation.params import GenerationParams

logger = logging.getLogger(__name__)

R = TypeVar("R")


class Work:
    """Owned by the engine's thread."""

    def __init__(self, runner: Runner, buckets: Sequence[int], figures: Figures) -> None:
        self.device_lost = False
        self._runner = runner
        self._batch = Batch(buckets, runner.cap)
        self._figures = figures
        self._requests: dict[Member, Request] = {}
        self._finished: list[Member] = []
        self._decoding: dict[Member, Pending] = {}
        self._previews: list[tuple[Request, int, Pending]] = []
        self._most_rows = 2 * self._batch.buckets[-1]
        self._call_began: float | None = None

    @property
    def busy(self) -> bool:
        return bool(self._requests)

    @property
    def seconds_in_call(self) -> float:
        """For how long the present call to the device has been going on. Safe from any thread."""
        began = self._call_began
        return 0.0 if began is None else monotonic() - began

    @property
    def free_rows(self) -> int:
        """How many more rows may be under way."""
        return self._most_rows - sum(member.rows for member in self._requests)

    def users(self) -> Iterator[Hashable]:
        """The user of each request under way."""
        return (request.ticket.user for request in set(self._requests.values()))

    def begin(self, tickets: list[Ticket]) -> None:
        """Prepare requests; what is wrong with one fails it alone."""
        if not tickets:
            return
        began = monotonic()
        for ticket in tickets:
            ticket.begin()
        # Whose prompt is at fault shows when each is begun by itself.
        with suppress(Exception):
            self._read([ticket.params for ticket in tickets])
        for ticket in tickets:
            request = Request(ticket)
            with self._guard(request):
                self._begin(request)
        self._figures.begin_seconds += monotonic() - began

    def turn(self) -> None:
        """One tick, and some pictures of those who are done."""
        for request in set(self._requests.values()):
            if error := request.ticket.why_stop():
                self._fail(request, error)
        tick = self._batch.next()
        if tick is not None:
            self._advance(tick)
        # While others wait for their next step, half of those who are done are decoded, and at least one.
        self._decode(max(1, len(self._finished) // 2) if tick else len(self._finished))
        # While there are ticks to run, nobody waits for the device.
        self._deliver(wait=tick is None)

    def hand_back(self, error: EngineError) -> None:
        """End all that is under way."""
        for request in set(self._requests.values()):
            self._fail(request, error)

    def _begin(self, request: Request) -> None:
        params = request.ticket.params
        for index, member in enumerate(self._runner.members(params)):
            self._call(self._runner.begin, member, params, index)
            member.user = request.ticket.user
            request.members.append(member)
            self._requests[member] = request
            self._batch.add(member)

    def _read(self, requests: list[GenerationParams]) -> None:
        self._figures.prompts_read += self._call(self._runner.read, requests)
        self._figures.prompts += 2 * len(requests)

    def _advance(self, tick: Tick) -> None:
        began = monotonic()
        for member in tick.members:
            self._requests[member].ticket.note_step(began)
        try:
            self._call(self._runner.tick, tick)
        except OutOfMemory as error:
            self._make_smaller(tick, error)
        except DeviceLost:
            self.device_lost = True
        except Exception:
            logger.exception("a tick of %d members failed; each is tried alone", len(tick.members))
            self._one_by_one(tick)
        else:
            self._count(tick, monotonic() - began)

    def _count(self, tick: Tick, seconds: float) -> None:
        self._batch.charge(tick, seconds)
        self._figures.count_tick(tick.rows, tick.bucket, seconds)
        for member in tick.members:
            self._report(member)

    def _make_smaller(self, tick: Tick, error: OutOfMemory) -> None:
        """The same members will come again in smaller ticks; one that does not even fit alone fails."""
        logger.warning("%d rows do not fit into the device's memory", tick.rows)
        self._batch.halve(tick.key, tick.rows)
        if len(tick.members) == 1:
            self._fail(self._requests[tick.members[0]], error)
        else:
            self._figures.out_of_memory += 1

    def _one_by_one(self, tick: Tick) -> None:
        """Find whose fault it was, in the same bucket, so that the others' pictures stay what they were."""
        for member in tick.members:
            if member in self._requests:
                with self._guard(self._requests[member]):
                    alone = Tick(tick.key, (member,), tick.bucket)
                    began = monotonic()
                    self._call(self._runner.tick, alone)
                    self._count(alone, monotonic() - began)

    def _report(self, member: Member) -> None:
        """Tell the ticket what its member has come to, and take the member out once it is finished."""
        request = self._requests.get(member)
        if request is None:
            return
        if member.finished:
            self._batch.remove(member)
            self._finished.append(member)
        with self._guard(request):
            request.advance()
            if request.wants_preview(member):
                preview = self._call(self._runner.preview, member)
                self._previews.append((request, member.done, preview))

    def _decode(self, count: int) -> None:
        began = monotonic()
        for member in self._finished[:count]:
            if request := self._requests.get(member):
                with self._guard(request):
                    self._decoding[member] = self._call(self._runner.finish, member)
                    self._finished.remove(member)
                    self._figures.decodes += 1
        self._figures.finish_seconds += monotonic() - began

    def _deliver(self, *, wait: bool) -> None:
        """Hand over what the device is done with."""
        began = monotonic()
        for preview in [preview for preview in self._previews if wait or preview[2].ready()]:
            self._previews.remove(preview)
            request, step, picture = preview
            if not request.ticket.ended:
                with self._guard(request):
                    request.show(step, picture.array())
        for member in [member for member, picture in self._decoding.items() if wait or picture.ready()]:
            picture = self._decoding.pop(member)
            if request_of := self._requests.get(member):
                with self._guard(request_of):
                    if request_of.deliver(member, self._call(picture.array)):
                        self._end(request_of)
        self._figures.finish_seconds += monotonic() - began

    def _end(self, request: Request) -> None:
        self._forget(request)
        self._figures.pictures += len(request.members)
        request.succeed()

    @contextmanager
    def _guard(self, request: Request) -> Iterator[None]:
        """Whatever happens inside is this request's failure alone."""
        try:
            yield
        except DeviceLost as error:
            self.device_lost = True
            self._fail(request, error)
        except EngineError as error:
            self._fail(request, error)
        except Exception as error:
            logger.exception("a request failed in the engine")
            self._fail(request, EngineError(f"{type(error).__name__} while drawing."))

    def _fail(self, request: Request, error: EngineError) -> None:
        self._forget(request)
        self._figures.failures += 1
        self._figures.out_of_memory += isinstance(error, OutOfMemory)
        request.ticket.fail(error)

    def _forget(self, request: Request) -> None:
        for member in request.members:
            if self._requests.pop(member, None) is None:
                continue
            self._decoding.pop(member, None)
            if member in self._finished:
                self._finished.remove(member)
            elif not member.finished:
                self._batch.remove(member)
            self._runner.drop(member)

    def _call(self, function: Callable[..., R], *args: Any) -> R:
        """Call the runner, and let the watchdog see how long it takes."""
        self._call_began = monotonic()
        try:
            return function(*args)
        finally:
            self._call_began = None
