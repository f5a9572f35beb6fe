"""Counters of what somebody did in a while: django-ratelimit's, in the cache. `ratelimits` says of what."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django_ratelimit import ALL

# The key of a counter is needed to count down, which django-ratelimit does not offer.
from django_ratelimit.core import _get_window, _make_cache_key, _split_rate, get_usage
from redis.exceptions import RedisError

from accounts.exceptions import CountersUnreachable, RateLimited


@dataclass(frozen=True, slots=True)
class Usage:
    """`count` of `most` in a window of `seconds`, which ends after `rest` of them."""

    name: str
    count: int
    most: int
    seconds: int
    rest: int

    def fields(self) -> dict[str, str]:
        """As header fields (draft-ietf-httpapi-ratelimit-headers-10)."""
        remaining = max(0, self.most - self.count)
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={self.seconds}',
            "RateLimit": f'"{self.name}";r={remaining};t={self.rest}',
        }


@dataclass(frozen=True, slots=True)
class Counter:
    """What `who` did in the present window of the limit `name`. `rate` is as in `10/15m`, or empty for no limit."""

    name: str
    rate: str
    who: str

    def count(self) -> Usage | None:
        """Count once more, in one step, and say how often that is by now; None where there is no limit.

        Raises `CountersUnreachable`, and above the limit `RateLimited`, and then it was not counted.
        """
        usage = self._count() if self.rate else None
        if usage is not None and usage.count > usage.most:
            self.give_back()
            raise RateLimited(usage.rest, usage.fields())
        return usage

    def _count(self) -> Usage | None:
        try:
            found = get_usage(None, group=self.name, key=self._key, rate=self.rate, increment=True)
        except RedisError as error:
            raise CountersUnreachable from error
        if found is None:
            return None
        most, seconds = _split_rate(self.rate)
        if found["limit"] != most:
            # What it says when the cache did not count.
            raise CountersUnreachable
        # The second that it names as the window's end still belongs to it.
        return Usage(self.name, found["count"], most, seconds, found["time_left"] + 1)

    def give_back(self) -> None:
        """Undo one `count`. Where the window is over there is nothing to undo."""
        if not self.rate:
            return
        _, seconds = _split_rate(self.rate)
        key = _make_cache_key(self.name, _get_window(self.who, seconds), self.rate, self.who, ALL)
        with suppress(ValueError, RedisError):
            cache.decr(key)

    def _key(self, _group: str, _request: Any) -> str:
        return self.who


def count(counters: Sequence[Counter]) -> None:
    """Count with each of them, or where one refuses with none. Raises `RateLimited`, `CountersUnreachable`."""
    for number, counter in enumerate(counters):
        try:
            counter.count()
        except RateLimited:
            give_back(counters[:number])
            raise


def give_back(counters: Sequence[Counter]) -> None:
    for counter in counters:
        counter.give_back()
