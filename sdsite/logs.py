"""What the lines of the log carry. Read while logging is set up, so it imports nothing of ours."""

import logging
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Give every record the id of the request that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class TracebackFilter(logging.Filter):
    """Let through what brings a traceback: a mere refusal has its line from `RequestIdMiddleware`."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)
