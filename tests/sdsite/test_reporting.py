"""What others are told of errors and spans, if the settings name somebody: by true clients, to a true server."""

import gzip
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.spans import trace_with
from generation.engine import Engine
from sdsite import reporting, tracing
from sdsite.reporting import sparing, start_reporting
from sdsite.tracing import Tracer, start_tracing
from tests.generation.conftest import make_engine, use_engine

__all__ = ["make_engine", "use_engine"]

SECRET = "a prompt of my own"
URL = "/api/v1/text-to-image-generator"


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []
        self.address = f"127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(
            gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        )
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_by_default_nobody_is_told() -> None:
    start_reporting()
    start_tracing()
    assert not sentry_sdk.is_initialized()


def test_sentry_is_told_of_an_error_and_nothing_of_whom_it_was_for(
    collector: Collector,
    as_alice: APIClient,
    settings: Settings,
    use_engine: Callable[[str], Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SENTRY_DSN = f"http://key@{collector.address}/1"
    use_engine("Noise")
    start_reporting()
    monkeypatch.setattr("generation.api.drawing.wait_for", lambda *_: 1 // 0)
    answer = as_alice.post(URL, {"prompt": SECRET}, headers={"X-Request-Id": "r1"})
    assert answer.status_code == 500
    sentry_sdk.flush(5)
    sentry_sdk.get_global_scope().set_client(None)
    text = b"".join(collector.bodies).decode()
    assert "ZeroDivisionError" in text
    assert '"request_id":"r1"' in text.replace(": ", ":")
    for secret in (SECRET, "sds_", "Bearer"):
        assert secret not in text


def test_of_a_request_method_and_address_are_told() -> None:
    request = {"method": "GET", "url": "http://here/session/", "query_string": "reset=1", "headers": {}}
    told = sparing({"request": request, "message": "no"}, {})
    assert told["request"] == {"method": "GET", "url": "http://here/session/"}
    assert told["message"] == "no"


def spans(collector: Collector) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for body in collector.bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                found |= {span.name: span for span in scope.spans}
    return found


def test_a_request_and_its_drawing_are_in_one_trace(
    collector: Collector, as_alice: APIClient, use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Noise")
    tracer = Tracer(f"http://{collector.address}/")
    trace_with(tracer.begin)
    assert as_alice.post(URL, {"prompt": SECRET}, headers={"X-Request-Id": "r2"}).status_code == 200
    trace_with(None)
    tracer.provider.shutdown()
    found = spans(collector)
    request, drawing = found["POST text-to-image-generator"], found["draw"]
    assert request.trace_id == drawing.trace_id
    told = {each.key: each.value for each in request.attributes}
    assert (told["request_id"].string_value, told["status"].int_value) == ("r2", 200)
    assert "generation_id" in {each.key for each in drawing.attributes}
    assert SECRET.encode() not in b"".join(collector.bodies)


@pytest.mark.parametrize("start", [start_reporting, start_tracing])
def test_a_package_that_is_not_there_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, start: Callable[[], None]
) -> None:
    settings.SENTRY_DSN = settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    for module in (reporting, tracing):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"needs .* requirements-reporting\.txt"):
        start()
