"""When a delivery is tried, and how often: ten times over three days."""

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

# Before each try, after the one before it. Together they are 75.6 hours.
PAUSES = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIES = len(PAUSES)
# A try that was not over by then died with its process, and is made anew.
LEASE = timedelta(seconds=60)
# So much longer a pause may be, lest all that failed together come again together.
JITTER = 0.1
LONGEST_WAIT = timedelta(days=1)
MOST_DIGITS = 9


def pause(tries: int, asked: timedelta = timedelta(0)) -> timedelta:
    """How long to wait after so many failed tries; at least as long as the receiver asked for, but never for ever."""
    planned = PAUSES[tries] * random.uniform(1, 1 + JITTER)
    return max(planned, min(asked, LONGEST_WAIT))


def asked_wait(retry_after: str, now: datetime) -> timedelta:
    """What a `Retry-After` header asks for: seconds or a date; none where it is neither."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= MOST_DIGITS:
        return timedelta(seconds=int(retry_after))
    try:
        until = parsedate_to_datetime(retry_after)
        return max(timedelta(0), until - now)
    except (TypeError, ValueError):
        return timedelta(0)
