import copy
from typing import Any

import pytest
import yaml
from django.test import Client

from tests.contract.documents import emitted, written
from tests.contract.facts import differences, facts_of


def test_the_code_emits_what_openapi_yaml_says_and_nothing_else() -> None:
    lines = differences(facts_of(written()), facts_of(emitted()))
    assert not lines, "\n".join(["here: openapi.yaml, there: the code", *lines])


def test_the_server_shows_openapi_yaml(client: Client) -> None:
    assert yaml.safe_load(client.get("/api/v1/schema").content) == written()


def changed(*path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(written())
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            ("paths", "/login", "post", "operationId"),
            "signIn",
            "POST /login operationId: 'login' here, 'signIn' there",
        ),
        (
            ("components", "schemas", "GenerationRequest", "properties", "num_images", "maximum"),
            9,
            "POST /text-to-image-generator body application/json .num_images maximum: 8 here, 9 there",
        ),
        (
            ("components", "schemas", "LoginRequest", "required"),
            ["email"],
            "POST /login body application/json required: ['email', 'password'] here, ['email'] there",
        ),
        (
            ("paths", "/account", "get", "security"),
            [],
            "GET /account security: [['bearerAuth']] here, [] there",
        ),
    ],
)
def test_a_difference_is_one_readable_line(path: tuple[str, ...], value: Any, expected: str) -> None:
    there = changed(*path, value=value)
    assert differences(facts_of(written()), facts_of(there)) == [expected]


def test_both_directions_are_compared() -> None:
    more, less = facts_of(written()), facts_of(changed("paths", "/logout", value={}))
    assert differences(more, less)
    assert all(line.endswith("only here") for line in differences(more, less))
    assert all(line.endswith("only there") for line in differences(less, more))


def test_a_reference_and_its_target_are_the_same_fact() -> None:
    parameters = written()["components"]["parameters"]
    both = [parameters["Images"], parameters["Prefer"], parameters["IdempotencyKey"]]
    inline = changed("paths", "/text-to-image-generator", "post", "parameters", value=both)
    assert facts_of(inline) == facts_of(written())
