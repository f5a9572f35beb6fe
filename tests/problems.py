"""What every refusal has to look like."""

import json
from typing import Any

from django.http import HttpResponse

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def problem_of(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem in a response, checked for its form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert problem.keys() >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:problem:{code}"
    assert problem["request_id"] == response["X-Request-Id"]
    return problem


def refused_fields(response: HttpResponse) -> dict[str, str]:
    """The fields that an `invalid_request` names, each with its (last) code."""
    problem = problem_of(response, 400, "invalid_request")
    return {error["field"]: error["code"] for error in problem["errors"]}
