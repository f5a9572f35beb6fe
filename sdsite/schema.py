"""What drf-spectacular needs to be told so that it emits what `openapi.yaml` says."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from accounts.strict import StrictSerializer
from sdsite.problems import CONTENT_TYPE

Node = dict[str, Any]

REQUEST_ID: Node = {
    "description": "The id of this request, as it stands in the server's log.",
    "required": True,
    "schema": {"type": "string"},
}
RETRY_AFTER: Node = {
    "description": "After how many seconds to try again.",
    "required": True,
    "schema": {"type": "integer"},
}
RATE: Node = {
    "RateLimit": {
        "description": "How often it may be asked for in the present window, and after how many seconds it ends.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How often it may be asked for, and in a window of how many seconds.",
        "schema": {"type": "string"},
    },
}
# Headers that come with a status whatever the operation.
HEADERS: dict[str, Node] = {
    "401": {
        "WWW-Authenticate": {
            "description": "How to authenticate.",
            "required": True,
            "schema": {"type": "string"},
        }
    },
    "429": {"Retry-After": RETRY_AFTER} | RATE,
    "503": {"Retry-After": RETRY_AFTER},
}
DESCRIPTIONS = {
    "400": "The request is not what this operation takes.",
    "401": "No token, or none that is valid.",
    "402": "There are not enough credits left. Nothing was charged.",
    "403": "The account is known, and may not do this.",
    "404": "There is no such thing, or it is somebody else's.",
    "406": "The `Accept` header names nothing that can be sent.",
    "409": "It is there already, is over, or was canceled; or it is not done yet.",
    "413": "The body is larger than the server takes.",
    "415": "The body is not `application/json`.",
    "422": "The model's own safety checker refused the picture, or the key belongs to another request.",
    "429": "Too much at once, or too often. Nothing was done or charged.",
    "500": "The server made a mistake. The log has more under the request id.",
    "503": "No work can be taken now. Nothing was charged.",
    "504": "It was not done in time and was given up. Nothing was charged.",
}


PROBLEM_CODES = [
    "invalid_request",
    "malformed_json",
    "invalid_image",
    "invalid_signature",
    "invalid_letter",
    "not_authenticated",
    "invalid_token",
    "token_expired",
    "quota_exhausted",
    "token_cap_reached",
    "permission_denied",
    "account_disabled",
    "email_unconfirmed",
    "approval_pending",
    "wrong_password",
    "invitation_required",
    "invitation_invalid",
    "not_found",
    "method_not_allowed",
    "not_acceptable",
    "conflict",
    "in_progress",
    "generation_canceled",
    "payload_too_large",
    "unsupported_media_type",
    "idempotency_mismatch",
    "content_blocked",
    "cannot_draw",
    "rate_limited",
    "too_many_unfinished",
    "generation_failed",
    "internal_error",
    "queue_full",
    "too_many_streams",
    "model_loading",
    "engine_unavailable",
    "storage_full",
    "payment_unavailable",
    "service_unavailable",
    "generation_timeout",
]


class FieldErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The name of the field or parameter.")
    code = serializers.CharField(help_text="The stable name of the mistake.")
    message = serializers.CharField(help_text="The mistake in a sentence.")


class ProblemSerializer(serializers.Serializer):
    """A refusal, as problem details (RFC 9457)."""

    type = serializers.URLField(help_text="Names the kind of problem; `urn:problem:` and the code.")
    title = serializers.CharField(help_text="The kind of problem in a few words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What went wrong this time.")
    instance = serializers.CharField(help_text="The path of the request.")
    code = serializers.ChoiceField(choices=PROBLEM_CODES, help_text="The stable name of the problem.")
    request_id = serializers.CharField(help_text="The same as in `X-Request-Id`.")
    errors = FieldErrorSerializer(  # type: ignore[assignment]  # DRF's base class has an `errors` too
        many=True, required=False, help_text="What was wrong with which field."
    )
    remaining = serializers.IntegerField(
        required=False, help_text="With `quota_exhausted` and `token_cap_reached`, the credits that are left."
    )
    cost = serializers.IntegerField(
        required=False, help_text="With the same, the credits that the request would have cost."
    )
    increase_limit = serializers.CharField(
        required=False, help_text="With `quota_exhausted`, the path where more credits can be asked for."
    )
    reason = serializers.CharField(
        required=False, help_text="With `generation_failed`, what happened, for example `out_of_memory`."
    )


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> Node:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The token from `/register` or `/login`, sent as `Authorization: Bearer sds_...`.",
        }


class OperationSchema(AutoSchema):
    """Adds what is the same everywhere: the refusals, the headers, the security.

    Refusals that do not follow from the operation's form are named by its view in `problem_statuses`, for all
    methods or by method; headers that come with some of them alone in `problem_headers`, by status.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> Node | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if not self.view.get_authenticators():
            operation["security"] = []
        responses = operation["responses"]
        for status in self._problem_statuses(operation):
            responses.setdefault(status, self._problem_response(status))
        for status, response in responses.items():
            own = response.get("headers", {}) | (RATE if self._is_limited and status < "300" else {})
            own |= getattr(self.view, "problem_headers", {}).get(status, {})
            response["headers"] = {"X-Request-Id": REQUEST_ID} | HEADERS.get(status, {}) | own
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    @property
    def _is_limited(self) -> bool:
        return self.method == "POST" and bool(self.view.throttle_classes)

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> Node | None:
        """drf-spectacular knows no body of a DELETE. A view that takes one names its serializer in `delete_takes`."""
        taken = getattr(self.view, "delete_takes", None)
        if self.method != "DELETE" or taken is None:
            return super()._get_request_body(direction)
        schema = self.resolve_serializer(taken, direction).ref
        return {"content": {"application/json": {"schema": schema}}, "required": True}

    def _problem_statuses(self, operation: Node) -> set[str]:
        own = getattr(self.view, "problem_statuses", ())
        own = own.get(self.method, ()) if isinstance(own, dict) else own
        statuses = {"500"} | {str(status) for status in own} | ({"429"} if self._is_limited else set())
        if operation["security"]:
            statuses |= {"401", "403"}
        if "requestBody" in operation:
            statuses |= {"400", "413", "415"}
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        statuses |= {status for place, status in (("path", "404"), ("query", "400")) if place in places}
        if self._negotiates(operation["responses"]):
            statuses.add("406")
        return statuses

    def _negotiates(self, responses: dict[str, Node]) -> bool:
        """Whether an Accept header can be refused: not by a page, nor by the bytes of a picture or an archive."""
        media_types = {
            media_type for response in responses.values() for media_type in response.get("content", ())
        }
        return all(
            media_type.startswith("application/") and media_type != "application/zip"
            for media_type in media_types
        )

    def _problem_response(self, status: str) -> Node:
        schema = self.resolve_serializer(ProblemSerializer, "response").ref
        return {"description": DESCRIPTIONS[status], "content": {CONTENT_TYPE: {"schema": schema}}}

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Node:
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema
