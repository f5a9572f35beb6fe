"""What answers come to, as the columns of a table."""

import os
from collections.abc import Sequence
from typing import Any

from generation.benchmark.queueing.load import Answer
from generation.benchmark.summary import percentile

Row = dict[str, Any]


def machine_load() -> float:
    """Of the last minute: what else went on here."""
    return round(os.getloadavg()[0], 1)


def percentiles(milliseconds: Sequence[float], *percents: int) -> Row:
    return {f"p{percent} ms": round(percentile(milliseconds, percent), 1) for percent in percents}


def latencies(answers: Sequence[Answer]) -> Row:
    return percentiles([answer.milliseconds for answer in answers], 50, 95, 99)


def per_second(answers: Sequence[Answer]) -> float:
    """From the first that was due until the last was answered."""
    seconds = max(answer.end for answer in answers) - min(answer.begin for answer in answers)
    return round(len(answers) / seconds, 1)
