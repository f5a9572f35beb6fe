"""The history: a sample a minute, thinned with age."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from monitoring import pulse
from monitoring.models import ProcessNote, Sample
from monitoring.models.samples import HOURS_KEPT, MINUTES_KEPT, Span, average

NOW = datetime(2026, 3, 29, 12, 30, 7, tzinfo=UTC)


@pytest.mark.django_db
def test_it_works() -> None:
    assert Sample.objects.is_due(NOW)
    assert Sample.objects.take(NOW, {"queued": 3})
    assert not Sample.objects.is_due(NOW + timedelta(seconds=20))
    assert not Sample.objects.take(NOW + timedelta(seconds=20), {"queued": 9})
    (kept,) = Sample.objects.all()
    assert (kept.at, kept.values) == (NOW.replace(second=0), {"queued": 3})


@pytest.mark.django_db
def test_hours_that_are_over_become_an_average() -> None:
    for minute in range(0, 181, 10):
        Sample.objects.take(NOW + timedelta(minutes=minute), {"queued": minute, "gpu": None})
    hours = Sample.objects.since(Span.HOUR, NOW - timedelta(days=1))
    assert [(hour.at.hour, hour.values) for hour in hours] == [
        (12, {"queued": 10.0, "gpu": None}),
        (13, {"queued": 55.0, "gpu": None}),
        (14, {"queued": 115.0, "gpu": None}),
    ]


@pytest.mark.django_db
def test_what_is_old_goes() -> None:
    Sample.objects.take(NOW, {"queued": 1})
    Sample.objects.take(NOW + timedelta(hours=2), {"queued": 1})
    Sample.objects.take(NOW + MINUTES_KEPT + timedelta(minutes=1), {"queued": 2})
    assert Sample.objects.filter(span=Span.MINUTE).count() == 2
    Sample.objects.take(NOW + HOURS_KEPT + timedelta(hours=1), {"queued": 3})
    assert Sample.objects.filter(span=Span.MINUTE).count() == 1
    assert not Sample.objects.filter(at__lt=NOW + timedelta(hours=1)).exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_keeps_it() -> None:
    taken: list[bool] = []
    ready = Barrier(6)

    def take() -> None:
        ready.wait()
        taken.append(Sample.objects.take(NOW, {"queued": 1}))
        connection.close()

    threads = [Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(taken), Sample.objects.count()) == ([False] * 5 + [True], 1)


@pytest.mark.django_db(transaction=True)
def test_a_pulse_notes_and_samples() -> None:
    own = pulse.Pulse("server")
    own.beat()
    own.beat()
    assert (ProcessNote.objects.count(), Sample.objects.count()) == (1, 1)
    assert Sample.objects.get().values["queued"] == 0
    own.stop()


def test_an_average_leaves_out_what_was_not_measured() -> None:
    assert average([{"a": 1, "b": None}, {"a": 2, "b": 4}, {"a": 6}]) == {"a": 3.0, "b": 4.0}
    assert average([]) == {}
