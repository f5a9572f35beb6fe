"""What the lines of the log look like. Read while logging is set up, so it imports nothing that needs the settings."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from accounts.trail import TRAIL, trail

NOTHING = "-"


class TrailFilter(logging.Filter):
    """Give every record what it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = trail()
        for name in TRAIL:
            setattr(record, name, known.get(name, NOTHING))
        # The user is named where it is of use; one line would else carry a hundred characters of ids.
        parts = [known[name] for name in ("request_id", "generation_id") if name in known]
        record.trail = " ".join(parts) or NOTHING
        return True


class TracebackFilter(logging.Filter):
    """Let through what brings a traceback: a mere refusal has its line from `RequestIdMiddleware`."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


class JsonFormatter(logging.Formatter):
    """One object a line. What a record brings as `fields` stands beside its message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **trail(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
