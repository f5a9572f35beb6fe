"""The page that shows staff how the service is."""

import json
import re
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from generation.api.streams import places
from monitoring.history import PERIODS, history
from monitoring.live import Recent, recent
from monitoring.models import Sample
from sdsite.staff.monitoring import PANELS, Stream

PAGE = "/admin/monitoring/"

pytestmark = pytest.mark.django_db


def sample(ago: timedelta, **values: float) -> None:
    Sample.objects.take(timezone.now() - ago, values)


def test_it_works(as_carol: APIClient) -> None:
    sample(timedelta(minutes=40), queued=7, running=3)
    page = as_carol.get(PAGE).content.decode()
    assert page.count("data-live=") == page.count('id="past-') // 2 == len(PANELS)
    assert "<td>7</td><td>3</td>" in page
    assert '<li data-part="database" data-state="ok">' in page
    for period in PERIODS:
        assert f"<h2>{period.title}" in as_carol.get(f"{PAGE}?period={period.key}").content.decode()


def test_it_needs_nothing_from_elsewhere_and_no_inline_script(as_carol: APIClient) -> None:
    content = as_carol.get(PAGE).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style=", content)
    files = re.findall(r'(?:src|href)="(?:/static/)([^"]+)"', content)
    assert {"staff/monitoring.js", "staff/monitoring.css"} <= set(files)
    assert [name for name in files if finders.find(name) is None] == []


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}events"])
def test_it_is_for_staff_alone(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    assert client.get(path)["Location"].startswith("/admin/login/")


def told(stream: Stream, number: int) -> list[tuple[str, Any]]:
    """The first events, without comments."""
    events = (part for part in stream if part.startswith(b"event: "))
    pairs = (part.decode().split("\n", 2)[:2] for part in islice(events, number))
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in pairs]


def test_the_last_minutes_come_first_and_then_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdsite.staff.monitoring.recent", own := Recent())
    own.put(timezone.now(), {"queued": 4})
    stream = Stream()
    (first, reading), (second, found) = told(stream, 2)
    assert (first, reading["values"]) == ("reading", {"queued": 4})
    assert (second, found["checks"]["database"]) == ("health", "ok")
    stream._events.close()


def test_there_are_only_so_many_who_may_watch(as_carol: APIClient, settings: Settings) -> None:
    settings.EVENT_STREAMS = 1
    assert places.take()
    refused = as_carol.get(f"{PAGE}events")
    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    stream = Stream()
    stream.close()
    stream.close()
    assert places.take()
    places.leave()


def test_history_has_a_point_for_every_step(as_carol: APIClient) -> None:
    sample(timedelta(hours=2), queued=2)
    sample(timedelta(hours=2, minutes=1), queued=4)
    moments = history(PERIODS[0])
    assert len(moments) == 96
    assert [moment.values["queued"] for moment in moments if moment.values] in ([3.0], [4.0, 2.0])


def test_readings_are_kept_for_five_minutes() -> None:
    assert (recent._readings.maxlen or 0) * 5 == 300
