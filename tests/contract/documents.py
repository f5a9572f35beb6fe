"""The two documents of the contract: the one written by hand, and the one that the code emits."""

import json
from pathlib import Path
from typing import Any

import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

OPENAPI_YAML = Path(__file__).parents[2] / "openapi.yaml"


def written() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(OPENAPI_YAML.read_text(encoding="utf-8"))
    return document


def emitted() -> dict[str, Any]:
    """As a client would get it: plain JSON values, lazy strings and enums resolved."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    document: dict[str, Any] = json.loads(OpenApiJsonRenderer().render(schema))
    return document
