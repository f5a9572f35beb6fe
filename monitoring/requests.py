"""What this process counts of requests."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

from generation.work.counts import SECONDS, registry

# All pages of a name space are one route: the admin site has a hundred, which nobody compares.
UNKNOWN = "unknown"

requests = Counter("sd_requests", "Requests that were answered.", ["route", "status"], registry=registry)
seconds = Histogram(
    "sd_request_seconds",
    "Until a request was answered, the wait for a picture included.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, *SECONDS),
    registry=registry,
)
refusals = Counter(
    "sd_refusals", "Requests that were refused, by the problem's code.", ["code"], registry=registry
)


def count(request: HttpRequest, response: HttpResponseBase, taken: float, code: str) -> None:
    """`code` is that of the problem that was answered with, or empty."""
    route = route_of(request)
    requests.labels(route, str(response.status_code)).inc()
    seconds.labels(route).observe(taken)
    if code:
        refusals.labels(code).inc()


def route_of(request: HttpRequest) -> str:
    """The name of a route, of which there are few: never what stands in a path."""
    match = request.resolver_match
    if match is None:
        return UNKNOWN
    return match.namespace or match.url_name or UNKNOWN
