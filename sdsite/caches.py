"""Where counters are kept: in this process, or in Redis where there are more of it."""

from typing import Any

SECONDS = 1
# A third of them is dropped, the ones longest unused first, when there are more. One takes about half a kilobyte.
MOST_ENTRIES = 100_000


def cache_at(url: str) -> dict[str, Any]:
    """Django's settings of the cache in the Redis at `url`, or of this process's own where it is empty."""
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Django's 300 would forget who guesses passwords as soon as 300 others did something.
            "OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES},
        }
    # A request waits no longer for a Redis that is gone.
    options = {"SOCKET_CONNECT_TIMEOUT": SECONDS, "SOCKET_TIMEOUT": SECONDS}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "OPTIONS": options}
