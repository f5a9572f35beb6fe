"""The periods that an allowance is for."""

from datetime import UTC, datetime, timedelta

from django.conf import settings


def period_end(now: datetime) -> datetime | None:
    """When the period that `now` lies in ends; periods follow the UTC calendar. None where they never end."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if settings.QUOTA_PERIOD == "day":
        return midnight + timedelta(days=1)
    if settings.QUOTA_PERIOD == "month":
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None
