"""`manage.py benchmark`, with every measurement made up but those that take no time on the tiny model."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import generation.engine
from generation.benchmark import users
from generation.benchmark.calls import Call, Run
from generation.benchmark.race import Plan, summarise
from generation.benchmark.roster import ROSTER, usual
from generation.benchmark.start import StartFigures
from generation.engine import EngineConfig, configure, get_engine
from generation.management.commands import benchmark


@pytest.fixture(autouse=True)
def _tiny(tiny_folder: Path, settings: Any) -> None:
    settings.SD_MODEL, settings.SD_THREADS, settings.SD_EXECUTOR = str(tiny_folder), 1, "torch"
    settings.SD_MAX_ROWS = 8


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that were to be raced. Every contender draws one picture a second."""
    seen: list[Plan] = []

    def race(plan: Plan) -> list[dict[str, Any]]:
        seen.append(plan)
        summary = summarise([Run((Call("default", 0.0, 1.0, 200),), 0.0, 1.0)], {})
        return [
            {"contender": one.name, "mix": mix, "load": f"{clients} clients"} | summary
            for mix in plan.mixes
            for clients in plan.clients
            for one in plan.contenders
        ]

    monkeypatch.setattr(benchmark.race, "race", race)
    return seen


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("benchmark", *arguments, stdout=output)
    return output.getvalue()


def test_the_race_is_run_as_asked(plans: list[Plan], tmp_path: Path) -> None:
    options = ["--contenders", "locked", "ours", "--mix", "B", "--clients", "1", "16", "--repetitions=7"]
    text = run("--parts", "race", *options, f"--chart={tmp_path / 'chart.svg'}")
    [plan] = plans
    assert [one.name for one in plan.contenders] == ["locked", "ours"]
    assert (plan.mixes, plan.clients, plan.repetitions) == (["B"], [1, 16], 7)
    assert "| B | 16 clients | ours | 1.00 |" in text
    assert (tmp_path / "chart.svg").read_text().count("<rect") == 1 + 2 + 4


def test_the_chart_leaves_out_who_does_not_draw(plans: list[Plan], tmp_path: Path) -> None:
    charts = []
    for number, contenders in enumerate([["locked", "ours"], ["locked", "instant", "ours"]]):
        chart = tmp_path / f"{number}.svg"
        run("--parts", "race", "--mix", "A", "--contenders", *contenders, f"--chart={chart}")
        charts.append(chart.read_text())
    assert charts[0] == charts[1]


def test_random_weights_are_asked_for_by_name(plans: list[Plan]) -> None:
    run("--parts", "race", "--architecture", "sdxl", "--mix", "A")
    assert plans[0].settings["SD_MODEL"] == "random:sdxl"


def test_the_engine_is_measured_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    # For torch nothing has to be made beforehand; to find that out takes a process and its imports.
    monkeypatch.setattr(benchmark, "call_apart", lambda work, config: None)
    measured = json.loads(run("--parts", "latency", "inside", "--repetitions=1", "--warm-up=0", "--json"))
    assert measured["latency"]["ratio"] > 0
    assert 0 < measured["inside"]["occupancy"] <= 1
    assert measured["inside"]["flops_per_image"] > 1e6
    assert measured["machine"]["openvino"]


def test_the_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = StartFigures(first_picture_seconds=9.5, resident_bytes=700 * 2**20)
    monkeypatch.setattr(benchmark.start, "measure", lambda root, settings: figures)
    assert "700 MiB" in run("--parts", "start")


def test_a_model_that_cannot_be_loaded_is_said(settings: Any) -> None:
    settings.SD_MODEL = "/nowhere"
    with pytest.raises(CommandError, match="nowhere"):
        run("--parts", "latency")


@pytest.fixture
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(generation.engine, "_engine", None)
    monkeypatch.setattr(generation.engine, "_config", None)
    yield
    generation.engine.reset_engine()


@pytest.mark.usefixtures("_no_engine")
@pytest.mark.parametrize("name", ROSTER)
def test_every_contender_can_be_the_servers_engine(name: str) -> None:
    configure(EngineConfig(model="/nowhere", engine=ROSTER[name].engine))
    assert get_engine().wait_until_settled(60) is not None
    assert f"{type(get_engine()).__module__}.{type(get_engine()).__name__}" == ROSTER[name].engine


def test_those_who_take_part_usually_are_on_the_roster() -> None:
    assert set(usual()) <= ROSTER.keys()


@pytest.mark.django_db
def test_every_user_gets_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    users.print_tokens(3)
    tokens = capsys.readouterr().out.split()
    assert len(set(tokens)) == 3
    assert all(token.startswith("sds_") for token in tokens)
