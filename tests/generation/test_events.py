"""Watching a generation, as a client does that reads the stream of its events."""

import json
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from generation.api import streams
from generation.dispatch import get_exchange
from generation.engine import Engine
from generation.models import Generation, Picture
from generation.models.line import line_memo
from generation.work.worker import Worker
from tests.generation import runners
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
STEPS = 30
Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]
# The id, the name and the data of one.
Told = tuple[str, str, dict[str, Any]]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_EVERY", 0.05)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(threads=1)
    worker.start()
    get_exchange().hang_up(worker.ring)
    yield worker
    runners.Held.go.set()
    worker.finish(10)
    runners.Held.go.clear()
    connection.close()


def watch(client: APIClient, generation: Any, last: str = "") -> Any:
    headers = {"Last-Event-ID": last} if last else {}
    answer = client.get(f"/api/v1/generations/{generation}/events", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer


def told(answer: Any) -> Generator[Told, None, None]:
    """The events of a stream, as they come."""
    try:
        for chunk in answer.streaming_content:
            lines = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
            if "event" in lines:
                yield lines["id"], lines["event"], json.loads(lines["data"])
    finally:
        answer.close()


def asked(client: APIClient) -> str:
    body = {"prompt": "a red house", "num_inference_steps": STEPS}
    return str(client.post(URL, body, HTTP_PREFER="respond-async").json()["id"])


def test_it_works(use_engine: UseEngine, worker: Worker, as_alice: APIClient) -> None:
    use_engine("Slow")
    answer = watch(as_alice, asked(as_alice))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/event-stream", "no-store")
    events = list(told(answer))
    names = [name for _, name, _ in events if name not in ("queued", "progress")]
    assert names == ["started", "succeeded"]
    assert len({mark for mark, _, _ in events}) == len(events)
    done = events[-1][2]
    assert (done["status"], done["images"][0]["image"]) == ("succeeded", None)
    assert done["images"][0]["url"].endswith("/images/0")


def test_progress_comes_with_a_sketch(use_engine: UseEngine, worker: Worker, as_alice: APIClient) -> None:
    use_engine("Slow")
    progress = [data for _, name, data in told(watch(as_alice, asked(as_alice))) if name == "progress"]
    steps = [data["step"] for data in progress]
    assert (steps, {data["steps"] for data in progress}) == (sorted(set(steps)), {STEPS})
    assert all(data["progress"] == data["step"] / STEPS for data in progress)
    assert any((data["preview"] or "").startswith("data:image/webp;base64,UklGR") for data in progress)


def test_whoever_comes_again_hears_nothing_twice(
    use_engine: UseEngine, worker: Worker, as_alice: APIClient
) -> None:
    use_engine("Slow")
    generation = asked(as_alice)
    first = told(watch(as_alice, generation))
    before = list(islice(first, 8))
    first.close()
    after = list(told(watch(as_alice, generation, last=before[-1][0])))
    marks = [mark for mark, _, _ in before + after]
    assert len(set(marks)) == len(marks)
    steps = [data["step"] for _, name, data in before + after if name == "progress"]
    assert steps == sorted(steps)
    assert [name for _, name, _ in after if name != "progress"] == ["succeeded"]


def test_the_place_in_the_queue_is_told_when_it_changes(submit: Submit, as_alice: APIClient) -> None:
    first, second = submit(), submit()
    events = told(watch(as_alice, second.id))
    assert next(events) == ("0.q2", "queued", {"status": "queued", "queue_position": 2})
    first.cancel()
    line_memo.clear()
    assert next(events) == ("0.q1", "queued", {"status": "queued", "queue_position": 1})
    events.close()


@pytest.mark.parametrize(
    ("end", "name"),
    [
        (lambda generation: generation.succeed([Picture(0, 7, b"first")]), "succeeded"),
        (lambda generation: generation.fail("generation_failed", "invalid_output"), "failed"),
        (lambda generation: generation.cancel(), "canceled"),
        (lambda generation: generation.delete(), "canceled"),
    ],
)
def test_every_end_is_told(submit: Submit, as_alice: APIClient, end: Any, name: str) -> None:
    generation = submit()
    events = told(watch(as_alice, generation.id))
    assert next(events)[1] == "queued"
    end(generation)
    ((mark, event, data),) = events
    assert (mark, event, data["status"]) == ("end", name, name)
    assert (data["error"] is None) == (name == "succeeded")


def test_what_is_over_is_told_once(submit: Submit, as_alice: APIClient) -> None:
    generation = submit()
    generation.cancel()
    assert [name for _, name, _ in told(watch(as_alice, generation.id))] == ["canceled"]
    again = as_alice.get(f"/api/v1/generations/{generation.id}/events", headers={"Last-Event-ID": "end"})
    assert (again.status_code, again.content) == (204, b"")


def test_another_attempt_is_told(submit: Submit, as_alice: APIClient) -> None:
    get_exchange().hang_up(lambda: None)
    generation = submit()
    events = told(watch(as_alice, generation.id))
    lost = (next(events), Generation.objects.claim())[1]
    assert next(events)[:2] == ("1.0", "started")
    assert lost is not None
    assert lost.lose("worker_lost")
    assert next(events)[:2] == ("1.q1", "queued")
    Generation.objects.claim(alone=True)
    assert next(events)[:2] == ("2.0", "started")
    events.close()


def test_silence_is_broken(submit: Submit, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0)
    answer = watch(as_alice, submit().id)
    chunks = [chunk.split(b":")[0] for chunk in islice(answer.streaming_content, 4)]
    assert chunks == [b"retry", b"id", b"", b""]
    answer.close()


def test_at_a_stop_of_the_server_streams_end(submit: Submit, as_alice: APIClient) -> None:
    events = told(watch(as_alice, submit().id))
    assert next(events)[1] == "queued"
    get_exchange().close()
    assert list(events) == []


def test_no_more_than_the_setting_says_watch_at_once(
    submit: Submit, as_alice: APIClient, settings: Any
) -> None:
    settings.EVENT_STREAMS = 1
    generation = submit()
    open_one = watch(as_alice, generation.id)
    refused = as_alice.get(f"/api/v1/generations/{generation.id}/events")
    problem_of(refused, 503, "too_many_streams")
    assert int(refused["Retry-After"]) > 0
    open_one.close()
    watch(as_alice, generation.id).close()


@pytest.mark.parametrize(
    ("accept", "status"), [("text/event-stream", 200), ("*/*", 200), ("application/json", 406)]
)
def test_it_comes_in_one_form(submit: Submit, as_alice: APIClient, accept: str, status: int) -> None:
    answer = as_alice.get(f"/api/v1/generations/{submit().id}/events", headers={"Accept": accept})
    assert answer.status_code == status
    answer.close()
