"""compose.yaml and Dockerfile fit each other, and the settings that they give exist."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.nginx import CONFIGURATION
from tests.server import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["web", "worker", "beat", "setup", "manage"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL))
SETTINGS = (ROOT / "sdsite/settings.py").read_text(encoding="utf-8")
READ = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", SETTINGS))
GIVEN = {
    "SECRET_KEY": "long and random",
    "POSTGRES_PASSWORD": "s3cret",
    "REDIS_PASSWORD": "h4sh",
    "ALLOWED_HOSTS": "pictures.example.com",
}


def filled(value: Any) -> str:
    """What Docker makes of a value when the environment is `GIVEN`."""

    def fill(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        return GIVEN[name] if kind == ":?" else GIVEN.get(name, default)

    return re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", fill, str(value))


def test_the_parts_of_the_many_machine_form_are_there() -> None:
    assert {*OURS, "nginx", "database", "redis"} == set(SERVICES)
    assert {"web", "gpu"} < set(STAGES)


@pytest.mark.parametrize("name", OURS)
def test_they_are_built_from_stages_that_exist(name: str) -> None:
    service = SERVICES[name]
    target = service["image"].removeprefix("sdsite-")
    assert target in STAGES
    assert service.get("build", {"target": target})["target"] == target
    assert (target == "gpu") is (name == "worker")


@pytest.mark.parametrize("stage", ["web", "gpu"])
def test_an_image_does_not_run_as_root(stage: str) -> None:
    assert "USER service" in STAGES[stage].splitlines()
    assert f"COPY --from={stage}-packages" in STAGES[stage]


def test_only_the_image_that_draws_has_torch() -> None:
    assert "--requirement requirements-web.txt" in STAGES["web-packages"]
    assert "--requirement requirements.txt" in STAGES["gpu-packages"]


@pytest.mark.parametrize("name", OURS)
def test_what_they_are_given_are_settings(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= READ


def test_the_service_starts_with_them(tmp_path: Path) -> None:
    given = {name: filled(value) for name, value in SERVICES["web"]["environment"].items()}
    show = "print(settings.DATABASES['default']['HOST'], settings.ALLOWED_HOSTS, settings.TRUSTED_PROXIES)"
    run = subprocess.run(
        [sys.executable, "-c", f"from sdsite import settings; {show}"],
        cwd=ROOT,
        env=given | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "database ['127.0.0.1', 'pictures.example.com'] 1\n", run.stderr


def test_addresses_lead_to_the_services() -> None:
    environment = {name: filled(value) for name, value in SERVICES["web"]["environment"].items()}
    database = urlsplit(environment["DATABASE_URL"])
    made = {name: filled(value) for name, value in SERVICES["database"]["environment"].items()}
    assert (database.username, database.password, database.path) == (
        made["POSTGRES_USER"],
        made["POSTGRES_PASSWORD"],
        f"/{made['POSTGRES_DB']}",
    )
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        assert urlsplit(environment[name]).hostname in SERVICES


def test_ports_meet() -> None:
    nginx = CONFIGURATION.read_text(encoding="utf-8")
    published = SERVICES["nginx"]["ports"][0]
    assert f"listen {published.rpartition(':')[2]} default_server" in nginx
    assert "set $web web:8000;" in nginx
    assert "HOST=0.0.0.0" in STAGES["base"]
    assert "EXPOSE 8000" in STAGES["web"]


@pytest.mark.parametrize("name", ["nginx", "web", "worker", "database", "redis"])
def test_they_are_asked_how_they_are(name: str) -> None:
    assert {"test", "interval", "timeout"} <= set(SERVICES[name]["healthcheck"])


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    found = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|KEY)\w*):([?-])([^}]*)\}", text)
    assert {name for name, kind, _ in found if kind == "?"} == {
        "SECRET_KEY",
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
    }
    assert not any(default for _, _, default in found)


def test_volumes_and_files_that_are_mounted_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or source == "./deploy/tls" or (ROOT / source).exists()
