"""schemathesis sends what openapi.yaml allows, and what it does not, to a running server."""

from pathlib import Path

import pytest
import requests

from tests import programs
from tests.contract.documents import OPENAPI_YAML

pytestmark = pytest.mark.slow

ALL_PHASES = "--phases=examples,coverage,fuzzing,stateful"
# Stateful runs follow links to other operations; a single operation has none.
SINGLE_PHASES = "--phases=examples,coverage,fuzzing"
# What may revoke the token that the requests are sent with, so that those that follow would find no door open.
ENDING = ["logout", "revokeToken"]
BOUNDED = [
    "--max-examples=10",
    "--seed=2026",
    "--generation-database=none",
    "--request-timeout=60",
    "--continue-on-failure",
    "--no-shrink",
    "--no-color",
]
# A valid request may still be refused: too many pixels for the account, a common password, a known address.
CHECKS = ["--checks=all", "--exclude-checks=positive_data_acceptance"]


def drive(url: str, folder: Path, *options: str) -> None:
    command = ["run", str(OPENAPI_YAML), f"--url={url}", *BOUNDED, *CHECKS, *options]
    run = programs.run("schemathesis", *command, folder=folder)
    assert run.returncode == 0, run.stdout


def test_without_a_token(url: str, tmp_path: Path) -> None:
    drive(url, tmp_path, ALL_PHASES)


def test_with_a_token(url: str, token: str, tmp_path: Path) -> None:
    authorization = f"Authorization: Bearer {token}"
    excluded = [f"--exclude-operation-id={name}" for name in ENDING]
    drive(url, tmp_path, ALL_PHASES, f"--header={authorization}", *excluded)
    assert drawn(url, token), "schemathesis sent nothing that gave a picture"


@pytest.mark.parametrize("operation", ENDING)
def test_what_ends_a_token(url: str, token: str, tmp_path: Path, operation: str) -> None:
    authorization = f"Authorization: Bearer {token}"
    drive(url, tmp_path, SINGLE_PHASES, f"--header={authorization}", f"--include-operation-id={operation}")


def drawn(url: str, token: str) -> list[object]:
    headers = {"Authorization": f"Bearer {token}"}
    page = requests.get(f"{url}/generations?status=succeeded", headers=headers, timeout=30).json()
    found: list[object] = page["results"]
    return found
