import logging

import pytest
from rest_framework.test import APIClient

from tests.conftest import PASSWORD


@pytest.mark.parametrize("given", ["abc", "A-b_9", "x" * 64])
def test_the_clients_id_is_taken(nobody: APIClient, given: str) -> None:
    response = nobody.get("/api/v1/account", headers={"X-Request-Id": given})
    assert response["X-Request-Id"] == given
    assert response.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "é", "<script>", "a;b"])
def test_what_is_no_id_is_replaced(nobody: APIClient, given: str) -> None:
    response = nobody.get("/api/v1/account", headers={"X-Request-Id": given})
    assert len(response["X-Request-Id"]) == 32
    assert response.json()["request_id"] == response["X-Request-Id"]


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/schema", "/api/v1/docs", "/admin/login/", "/nothing", "/static/no.css"]
)
def test_every_answer_has_one(nobody: APIClient, path: str) -> None:
    assert nobody.get(path)["X-Request-Id"]


def test_one_line_per_request_that_tells_no_secret(
    as_alice: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        body = {"email": "dave@example.com", "password": PASSWORD}
        answer = as_alice.post("/api/v1/register?q=query-string", body, headers={"X-Request-Id": "r1"})
    lines = [record.getMessage() for record in caplog.records if record.name == "sdsite.request"]
    assert len(lines) == 1
    assert lines[0].startswith("POST /api/v1/register 201 ")
    for secret in (PASSWORD, "query-string", "sds_", answer.json()["token"]):
        assert secret not in caplog.text


def test_a_path_cannot_forge_a_line(nobody: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        nobody.get("/api/v1/a%0AINFO forged")
    assert "\nINFO forged" not in caplog.text
