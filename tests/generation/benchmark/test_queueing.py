"""The loads of the queue's part, against a server that answers at once. Nothing is timed; counts are looked at."""

from typing import Any

import numpy as np
import pytest

from generation.benchmark import report
from generation.benchmark.load import Target
from generation.benchmark.queueing import parts, reads
from generation.benchmark.queueing.figures import latencies, per_second
from generation.benchmark.queueing.load import ASYNC, PATH, Answer, content_of, load, picture, read
from generation.benchmark.queueing.sleeper import FACTS, Sleeping, sleeping
from generation.benchmark.server import free_port
from generation.engine import EngineConfig, EngineState
from tests.generation.benchmark.test_load import Answering, target

__all__ = ["target"]

WRK = """
  Latency Distribution
     50%  412.00us
     75%   2.31ms
     90%    1.05s
     99%  541.42ms
Requests/sec:    145.99
"""


def test_the_sleeping_engine_gives_a_picture(params: Any) -> None:
    settings = sleeping(0)
    engine = Sleeping(EngineConfig(model=settings["SD_MODEL"]))
    engine.start()
    assert engine.wait_until_settled(10) is EngineState.READY
    [drawn] = engine.submit(params(width=64, height=128)).result(10)
    assert engine.model == FACTS
    engine.stop()
    assert np.asarray(drawn).shape == (128, 64, 3)


def test_a_paced_load_sends_what_is_due(target: Target) -> None:
    answers = load(target, [picture(token, 0, ASYNC) for token in target.tokens], 4, 0.2, 100.0)
    assert len(answers) == 20
    assert Answering.asked == {(PATH, "Bearer one"): 10, (PATH, "Bearer two"): 10}
    assert {answer.status for answer in answers} == {200}


def test_without_a_pace_each_connection_goes_on_when_it_has_its_answer(target: Target) -> None:
    answers = load(target, [picture("one", 0)], 3, 2.0)
    assert len(answers) == Answering.asked.total() > 3
    assert len(Answering.connections) == 3
    assert per_second(answers) > 0
    assert latencies(answers)["p99 ms"] > 0


def test_no_answer_is_told_from_a_refusal() -> None:
    nowhere = Target("127.0.0.1", free_port(), ("one",))
    assert {answer.status for answer in load(nowhere, [read("one", "account")], 1, 0.1, 50.0)} == {0}
    with pytest.raises(AssertionError, match="503: full"):
        content_of(Answer(0, 1, 503, b"full"))


@pytest.mark.parametrize(("percent", "milliseconds"), [(50, 0.4), (75, 2.3), (90, 1050.0), (99, 541.4)])
def test_what_wrk_tells_is_read(percent: int, milliseconds: float) -> None:
    assert reads._latency(percent, WRK) == milliseconds
    with pytest.raises(ValueError, match="something else"):
        reads._latency(percent, "usage: wrk <options> <url>")


def test_a_row_of_the_table_for_each_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(
        parts.added, "measure", lambda root, repetitions: iter([{"p50 ms": 4.4, "load": 0.1}])
    )
    rows: dict[str, Any] = {}
    for name, row in parts.measure(tmp_path, ["added", "scaling", "pair"], 1.0, 1):
        rows.setdefault(name, []).append(row)
    assert report.queue(rows) == "added\n\n| p50 ms | load |\n| --- | --- |\n| 4.4 | 0.1 |"
