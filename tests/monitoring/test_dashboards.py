"""What the rules and the dashboard ask for is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from monitoring.pulse import Pulse
from tests import programs
from tests.conftest import client_of
from tests.server import ROOT

FOLDER = ROOT / "docs/monitoring"
NAME = re.compile(r"\bsd_\w+")
PARTS = ("_bucket", "_count", "_sum", "_total")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])


@pytest.mark.django_db(transaction=True)
def test_every_name_is_told(carol: User, use_engine: Any) -> None:
    use_engine("Noise")
    Pulse("server").note()
    text = client_of(carol).get("/api/v1/metrics").content.decode()
    told = {family.name for family in text_string_to_metric_families(text)}
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(asked) > 20
    assert {name for name in asked if base(name) not in told} == set()


def base(name: str) -> str:
    return next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)


def test_every_rule_says_what_is_wrong_and_how_bad_it_is() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_prometheus_takes_the_rules() -> None:
    checked = programs.run("promtool", "check", "rules", "alerts.yml", folder=FOLDER)
    assert checked.returncode == 0, checked.stdout
    assert f"SUCCESS: {len(rules())} rules found" in checked.stdout


def test_prometheus_takes_what_the_dashboard_asks_for(tmp_path: Path) -> None:
    asked = [
        {"record": f"asked:{number}", "expr": expression} for number, expression in enumerate(expressions())
    ]
    written = json.dumps({"groups": [{"name": "dashboard", "rules": asked}]})
    (tmp_path / "asked.yml").write_text(written, encoding="utf-8")
    checked = programs.run("promtool", "check", "rules", "asked.yml", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout
