"""An OpenAPI document as flat facts, so that two documents can be compared line by line.

What is only spelling is levelled: `$ref` or inline, `allOf` of one, order, numeric formats,
`readOnly`, a minimal length of values that are listed anyway.
What only people read is left out: descriptions, titles, examples.
"""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FOR_PEOPLE = {"description", "title", "example", "examples", "summary", "externalDocs"}
SPELLING = {"readOnly"}
UNORDERED = {"enum", "required"}

Node = dict[str, Any]
Fact = tuple[str, Any]


def facts_of(document: Node) -> dict[str, Any]:
    return dict(_Reader(document).document_facts())


def differences(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """One line per fact that is not the same in both."""
    lines = []
    for where in sorted(here.keys() | there.keys()):
        if where not in there:
            lines.append(f"{where}: {here[where]!r} only here")
        elif where not in here:
            lines.append(f"{where}: {there[where]!r} only there")
        elif here[where] != there[where]:
            lines.append(f"{where}: {here[where]!r} here, {there[where]!r} there")
    return lines


class _Reader:
    def __init__(self, document: Node) -> None:
        self.document = document

    def document_facts(self) -> Iterator[Fact]:
        yield "servers", [server["url"] for server in self.document.get("servers", [])]
        for name, scheme in self.document["components"]["securitySchemes"].items():
            yield f"securitySchemes {name}", {"type": scheme["type"], "scheme": scheme.get("scheme")}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    yield from self.operation_facts(f"{method.upper()} {path}", item[method], shared)

    def operation_facts(self, where: str, operation: Node, shared: list[Node]) -> Iterator[Fact]:
        yield f"{where} operationId", operation.get("operationId")
        yield f"{where} tags", operation.get("tags")
        yield f"{where} security", self.security(operation)
        for parameter in [*shared, *operation.get("parameters", [])]:
            yield from self.parameter_facts(where, self.resolved(parameter))
        if "requestBody" in operation:
            body = self.resolved(operation["requestBody"])
            yield f"{where} body required", body.get("required", False)
            yield from self.content_facts(f"{where} body", body)
        for status, response in operation["responses"].items():
            yield from self.response_facts(f"{where} -> {status}", self.resolved(response))

    def security(self, operation: Node) -> list[list[str]]:
        requirements: list[Node] = ({"security": []} | self.document | operation)["security"]
        return sorted(sorted(requirement) for requirement in requirements)

    def parameter_facts(self, where: str, parameter: Node) -> Iterator[Fact]:
        where = f"{where} {parameter['in']} {parameter['name']}"
        yield f"{where} required", parameter.get("required", False)
        yield from self.schema_facts(where, parameter["schema"])

    def response_facts(self, where: str, response: Node) -> Iterator[Fact]:
        yield where, "response"
        for name, header in response.get("headers", {}).items():
            header = self.resolved(header)
            yield f"{where} header {name} required", header.get("required", False)
            yield from self.schema_facts(f"{where} header {name}", header["schema"])
        yield from self.content_facts(where, response)

    def content_facts(self, where: str, holder: Node) -> Iterator[Fact]:
        for media_type, content in holder.get("content", {}).items():
            yield from self.schema_facts(f"{where} {media_type}", content["schema"])

    def schema_facts(self, where: str, schema: Node) -> Iterator[Fact]:
        names, schema = self.flat(schema)
        if schema.get("type") == "object":
            yield f"{where} schema name", names
        for name, child in schema.pop("properties", {}).items():
            yield from self.schema_facts(f"{where} .{name}", child)
        if "items" in schema:
            yield from self.schema_facts(f"{where} []", schema.pop("items"))
        if schema.get("type") in ("integer", "number"):
            schema.pop("format", None)
        if "enum" in schema:
            schema.pop("minLength", None)
        for key, value in schema.items():
            yield f"{where} {key}", self.level(key, value)

    def level(self, key: str, value: Any) -> Any:
        if key in UNORDERED:
            return sorted(value)
        if key == "additionalProperties" and value == {}:
            return True
        return value

    def flat(self, schema: Node) -> tuple[list[str], Node]:
        """The schema with references and `allOf` of one folded in, and the names met on the way."""
        names = []
        if "$ref" in schema:
            names.append(schema["$ref"].rsplit("/", 1)[1])
            schema = self.resolved(schema)
        schema = {key: value for key, value in schema.items() if key not in FOR_PEOPLE | SPELLING}
        if len(schema.get("allOf", [])) == 1:
            inner_names, inner = self.flat(schema.pop("allOf")[0])
            return names + inner_names, inner | schema
        return names, schema

    def resolved(self, node: Node) -> Node:
        """What a local reference points to, or the node itself."""
        if "$ref" not in node:
            return node
        found: Any = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return self.resolved(found)
