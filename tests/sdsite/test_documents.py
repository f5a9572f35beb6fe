import json
import re

import pytest
import yaml
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient


@pytest.mark.parametrize(
    ("accept", "load"),
    [
        ("*/*", yaml.safe_load),
        ("application/yaml", yaml.safe_load),
        ("application/json", json.loads),
        ("application/vnd.oai.openapi+json", json.loads),
    ],
)
def test_the_contract_is_served(nobody: APIClient, accept: str, load: object) -> None:
    assert callable(load)
    document = load(nobody.get("/api/v1/schema", headers={"accept": accept}).content)
    assert document["openapi"] == "3.0.3"
    assert "/register" in document["paths"]


@pytest.mark.parametrize("path", ["docs", "redoc"])
@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/png"])
def test_the_pages_load_nothing_from_elsewhere(nobody: APIClient, path: str, accept: str) -> None:
    html = nobody.get(f"/api/v1/{path}", headers={"accept": accept}).content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert all(source.startswith("/static/") for source in sources)
    assert all(finders.find(source.removeprefix("/static/")) for source in sources)


@pytest.mark.parametrize("path", ["admin/", "api/v1/account", "api/v1/docs", "api/v1/redoc"])
def test_every_page_names_the_icon(as_carol: APIClient, path: str) -> None:
    page = as_carol.get(f"/{path}", headers={"accept": "text/html"}).content.decode()
    assert re.findall(r'<link rel="icon" href="([^"]+)">', page) == ["/static/accounts/icon.svg"]
    assert finders.find("accounts/icon.svg")


@pytest.mark.parametrize("path", ["", "session/"])
def test_pages_for_people_bring_the_icon_along(nobody: APIClient, path: str) -> None:
    page = nobody.get(f"/{path}", headers={"accept": "text/html"}).content.decode()
    assert '<link rel="icon" href="data:image/svg+xml,' in page


def test_what_is_no_page_has_an_icon_too(nobody: APIClient) -> None:
    answer = nobody.get("/favicon.ico")
    assert answer.status_code == 200
    assert "icon" in answer["Content-Type"]


@pytest.mark.parametrize("path", ["", "session/"])
def test_the_first_pages_are_open(nobody: APIClient, path: str) -> None:
    page = nobody.get(f"/{path}")
    assert page.status_code == 200
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize("path", ["pictures/", "account/", "developers/"])
def test_ones_own_pages_are_reached_by_signing_in(nobody: APIClient, as_carol: APIClient, path: str) -> None:
    assert nobody.get(f"/{path}")["Location"] == f"/session/?next=/{path}"
    assert as_carol.get(f"/{path}").status_code == 200
