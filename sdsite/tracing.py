"""Sends spans to a collector of OpenTelemetry, where the settings name one.

A request's trace is named after its id, so that the web process and the worker elsewhere are in the same one without
either having to tell the other.
"""

from contextlib import AbstractContextManager
from hashlib import sha256
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.spans import Span, trace_with

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
NAME = "image-service"


def start_tracing() -> None:
    """Once in each process that serves. Raises `ImproperlyConfigured` where the packages are not there."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    if not all(map(_is_there, NEEDED)):
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the packages opentelemetry-sdk and "
            "opentelemetry-exporter-otlp-proto-http: see requirements-reporting.txt."
        )
    trace_with(Tracer(settings.OTEL_EXPORTER_OTLP_ENDPOINT).begin)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


class Tracer:
    def __init__(self, endpoint: str) -> None:
        self._trace = resolve_name("opentelemetry.trace")
        version = settings.SPECTACULAR_SETTINGS["VERSION"]
        facts = {"service.name": NAME, "service.version": version}
        resource = resolve_name("opentelemetry.sdk.resources:Resource").create(facts)
        self.provider = resolve_name("opentelemetry.sdk.trace:TracerProvider")(resource=resource)
        exporter = resolve_name("opentelemetry.exporter.otlp.proto.http.trace_exporter:OTLPSpanExporter")
        batches = resolve_name("opentelemetry.sdk.trace.export:BatchSpanProcessor")
        self.provider.add_span_processor(batches(exporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
        self._tracer = self.provider.get_tracer(NAME)

    def begin(self, name: str, request_id: str) -> AbstractContextManager[Span]:
        context: Any = self._trace.set_span_in_context(self._parent(request_id)) if request_id else None
        return self._tracer.start_as_current_span(name, context=context)

    def _parent(self, request_id: str) -> Any:
        """What all spans of a request hang on."""
        digest = sha256(request_id.encode()).digest()
        sampled = self._trace.TraceFlags(self._trace.TraceFlags.SAMPLED)
        return self._trace.NonRecordingSpan(
            self._trace.SpanContext(
                int.from_bytes(digest[:16]),
                int.from_bytes(digest[16:24]),
                is_remote=True,
                trace_flags=sampled,
            )
        )
