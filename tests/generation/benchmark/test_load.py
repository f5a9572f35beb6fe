"""The load driver against a server that answers at once. Nothing is timed; counts and headers are looked at."""

from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Lock, Thread
from time import sleep

import pytest

from generation.benchmark.load import Target, WrongRequestError, arrivals, closed_loop, open_loop
from generation.benchmark.mixes import MixName, jobs
from tests.generation.benchmark.test_mixes import MODEL


class Answering(BaseHTTPRequestHandler):
    """Answers `status`, and keeps who asked for what."""

    protocol_version = "HTTP/1.1"
    status = 200
    pause = 0.0
    asked: Counter[tuple[str, str]] = Counter()
    connections: set[object] = set()
    lock = Lock()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            self.asked[self.path, self.headers["Authorization"]] += 1
            self.connections.add(self.client_address)
        sleep(self.pause)
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.setattr(Answering, "asked", Counter())
    monkeypatch.setattr(Answering, "connections", set())
    # On a busy machine more come at once than the five that it would let wait.
    monkeypatch.setattr(ThreadingHTTPServer, "request_queue_size", 128)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield Target("127.0.0.1", server.server_port, ("one", "two"))
        server.shutdown()


def test_every_client_of_a_closed_loop_keeps_its_user_and_its_connection(target: Target) -> None:
    run = closed_loop(target, [jobs(MixName.A, MODEL, client) for client in range(4)], 0.2)
    path = "/api/v1/text-to-image-generator"
    assert set(Answering.asked) == {(path, "Bearer one"), (path, "Bearer two")}
    assert len(Answering.connections) == 4
    assert len(run.calls) == Answering.asked.total()
    assert run.measured
    assert run.rate() > 0


def test_an_open_loop_sends_what_is_due(target: Target) -> None:
    run = open_loop(target, 200.0, jobs(MixName.A, MODEL, 0), 0.2)
    assert len(run.calls) == Answering.asked.total()
    assert run.failures() == 0
    assert run.latencies()


def test_an_open_loop_does_not_mind_a_server_that_closes_quiet_connections(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "timeout", 0.02, raising=False)
    run = open_loop(target, 15.0, jobs(MixName.A, MODEL, 0), 0.6)
    assert run.measured
    assert run.failures() == 0


def test_an_open_loop_ends_although_there_is_always_something_under_way(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "pause", 0.05)
    run = open_loop(target, 200.0, jobs(MixName.A, MODEL, 0), 0.2)
    assert len(run.measured) < len(run.calls) < 1000


def test_a_busy_server_is_a_failure_that_is_counted(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "status", 503)
    run = closed_loop(target, [jobs(MixName.A, MODEL, 0)], 0.05)
    assert run.failures() == len(run.measured) > 0
    assert run.rate() == 0


def test_a_request_that_is_refused_ends_the_load(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "status", 400)
    with pytest.raises(WrongRequestError, match="400 for text-to-image-generator"):
        closed_loop(target, [jobs(MixName.A, MODEL, client) for client in range(2)], 0.05)


def test_arrivals_are_random_but_seeded_and_as_many_as_asked_for() -> None:
    moments = list(islice(arrivals(10.0, 100.0, seed=3), 2000))
    assert moments == list(islice(arrivals(10.0, 100.0, seed=3), 2000))
    assert moments == sorted(moments)
    assert moments[-1] - 100.0 == pytest.approx(200.0, rel=0.1)
