import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import validate

from tests.contract.documents import emitted, written
from tests.contract.facts import METHODS

Node = dict[str, Any]
DOCUMENT = written()
# They say in their own words that they are not.
NOT_ABLE = {("GET /health-check", "503"), ("GET /ready", "503")}
CODE_ROW = re.compile(r"^\| (\d{3}) \| `(\w+)` \|", re.MULTILINE)


def resolved(node: Node) -> Node:
    found: Any = node
    while "$ref" in found:
        path, found = found["$ref"].removeprefix("#/").split("/"), DOCUMENT
        for part in path:
            found = found[part]
    return found


def operations(document: Node) -> Iterator[tuple[str, Node]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def contents(operation: Node) -> Iterator[tuple[str, Node]]:
    if "requestBody" in operation:
        for media_type, content in resolved(operation["requestBody"])["content"].items():
            yield f"body {media_type}", content
    for status, response in operation["responses"].items():
        for media_type, content in resolved(response).get("content", {}).items():
            yield f"{status} {media_type}", content


def examples(node: Node) -> list[Any]:
    alone = [node["example"]] if "example" in node else []
    return alone + [resolved(example)["value"] for example in node.get("examples", {}).values()]


def all_of_or_null(validator: Any, schemas: list[Node], instance: Any, schema: Node) -> Iterator[Any]:
    # OpenAPI 3.0 cannot say "this component or null" strictly; all tools read `nullable` beside `allOf` so.
    if instance is not None or not schema.get("nullable"):
        yield from OAS30Validator.VALIDATORS["allOf"](validator, schemas, instance, schema)


Validator = extend(OAS30Validator, {"allOf": all_of_or_null})


def mistakes(schema: Node, example: Any) -> list[str]:
    schema = {**schema, "components": DOCUMENT["components"]}
    validator = Validator(schema, format_checker=oas30_format_checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(example)]


OPERATIONS = list(operations(DOCUMENT))
EACH_OPERATION = pytest.mark.parametrize(
    ("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS]
)
BOTH_DOCUMENTS = pytest.mark.parametrize("document", [written, emitted], ids=["openapi.yaml", "the code"])


@BOTH_DOCUMENTS
def test_the_document_is_valid(document: Any) -> None:
    validate(document())


@BOTH_DOCUMENTS
def test_every_operation_is_explained(document: Any) -> None:
    for name, operation in operations(document()):
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert operation.get("tags"), name


@EACH_OPERATION
def test_every_body_has_examples_that_fit_its_schema(name: str, operation: Node) -> None:
    for where, content in contents(operation):
        assert examples(content), where
        for example in examples(content):
            assert not mistakes(content["schema"], example), where


def test_parameter_examples_fit_their_schemas() -> None:
    for name, operation in OPERATIONS:
        for parameter in map(resolved, operation.get("parameters", [])):
            for example in examples(parameter):
                assert not mistakes(parameter["schema"], example), (name, parameter["name"])


def test_an_example_that_does_not_fit_is_noticed() -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    assert mistakes(problem, {"code": "no_such_code"})


@EACH_OPERATION
def test_every_error_is_a_problem_with_its_own_status(name: str, operation: Node) -> None:
    for status, response in operation["responses"].items():
        if status < "400" or (name, status) in NOT_ABLE:
            continue
        content = resolved(response)["content"]
        assert list(content) == ["application/problem+json"], status
        for example in examples(content["application/problem+json"]):
            assert example["status"] == int(status)
            assert (status, example["code"]) in CODE_ROW.findall(DOCUMENT["info"]["description"])
            assert example["type"] == f"urn:problem:{example['code']}"


def test_every_answer_carries_its_headers() -> None:
    for name, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            headers = resolved(response).get("headers", {})
            must = {title for title, header in headers.items() if resolved(header).get("required")}
            assert "X-Request-Id" in headers, (name, status)
            assert ("WWW-Authenticate" in headers) == (status == "401"), (name, status)
            assert ("Retry-After" in must) == (status in ("429", "503")), (name, status)


def test_the_table_of_codes_is_the_enum_of_codes() -> None:
    in_table = [code for _, code in CODE_ROW.findall(DOCUMENT["info"]["description"])]
    assert in_table == DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]


def test_no_component_is_left_over() -> None:
    used = set(re.findall(r"'\$ref': '#/components/(\w+/[\w-]+)'", str(DOCUMENT)))
    there = {f"{kind}/{name}" for kind, items in DOCUMENT["components"].items() for name in items}
    assert there - used == {"securitySchemes/bearerAuth"}
