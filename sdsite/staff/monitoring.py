"""The page that shows staff how the service is: the last minutes as they pass, and the last days."""

import json
from collections.abc import Generator, Iterator
from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.connections import let_go
from generation.api.streams import RETRY, places
from generation.dispatch import get_exchange
from monitoring import charts, health
from monitoring.history import PERIODS, history, period_of
from monitoring.live import Reading, recent

# Seconds between two looks at the parts. All pages share them: what was seen is good for a second.
LOOK_EVERY = 1.0


def of(name: str, key: str, color: str) -> charts.Series:
    return charts.Series(name, color, lambda moment: moment.values.get(key))


# What each chart shows, by the names of a reading.
PANELS: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    ("queue", "Queue", [("waiting", "queued", "open"), ("being drawn", "running", "good")]),
    ("wait", "Seconds in the queue, 95 of 100", [("wait", "wait", "open")]),
    (
        "ended",
        "Generations ended a minute",
        [("succeeded", "succeeded", "good"), ("failed", "failed", "bad")],
    ),
    ("occupancy", "Occupancy of the engine's ticks, %", [("occupancy", "occupancy", "open")]),
    (
        "ticks",
        "Ticks a second, rows a tick",
        [("ticks a second", "ticks", "open"), ("rows a tick", "rows", "good")],
    ),
    ("processor", "Processor and memory, %", [("processor", "cpu", "open"), ("memory", "memory", "good")]),
    ("load", "Load, average of a minute", [("load", "load", "open")]),
    ("gpu", "GPU and its memory, %", [("GPU", "gpu", "open"), ("memory", "gpu_memory", "good")]),
]


def page(request: HttpRequest) -> TemplateResponse:
    period = period_of(request.GET.get("period", ""))
    moments = history(period)
    past = [
        charts.lines(f"past-{key}", title, moments, [of(*each) for each in series], period.axis)
        for key, title, series in PANELS
    ]
    frame = charts.lines("frame", "", [], [])
    shown = {
        "title": "Monitoring",
        "panels": PANELS,
        "frame": frame,
        "past": past,
        "periods": PERIODS,
        "period": period,
        "health": health.look(),
    }
    return TemplateResponse(request, "admin/monitoring.html", site.each_context(request) | shown)


def events(request: HttpRequest) -> HttpResponseBase:
    """What the page is told as it happens."""
    if not places.take():
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(Stream(), content_type="text/event-stream", headers=headers)


class Stream:
    """Events without end, in a place that `close` leaves."""

    def __init__(self) -> None:
        self._events = tell()
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        self._events.close()
        if self._open:
            self._open = False
            places.leave()


def tell() -> Generator[bytes, None, None]:
    """First the last minutes, then every reading as it is taken; every second how the parts are, whatever happens."""
    number = 0
    yield RETRY
    while not get_exchange().closing:
        for reading in recent.after(number):
            number = reading.number
            yield _event("reading", _of_reading(reading))
        yield _event("health", _of_health(health.look()))
        let_go()
        recent.after(number, timeout=LOOK_EVERY)


def _of_reading(reading: Reading) -> dict[str, Any]:
    return {"at": reading.at.isoformat(), "values": reading.values}


def _of_health(found: health.Health) -> dict[str, Any]:
    return {"status": found.status, "detail": found.detail, "checks": found.checks}


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
