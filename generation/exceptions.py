"""Refusals of this room. `extra` goes into the problem as it is, `wait` becomes Retry-After."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound


class QueueFull(APIException):
    """`wait` is how long it will take until there is likely a place, where that is known."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Too many requests are waiting. Try again later.")
    default_code = "queue_full"
    wait = 10

    def __init__(self, wait: int | None = None) -> None:
        super().__init__()
        self.wait = wait or self.wait


class TooManyStreams(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _(
        "Too many are watching. Ask for the generation itself now and then, or try again later."
    )
    default_code = "too_many_streams"
    wait = 10


class TooManyUnfinished(APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_unfinished"
    wait = 5

    def __init__(self, most: int, wait: int | None = None) -> None:
        told = gettext("At most {most} of your generations may wait or run at the same time.")
        super().__init__(told.format(most=most))
        self.wait = wait or self.wait


class ModelLoading(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("The model is being loaded. Try again soon.")
    default_code = "model_loading"
    wait = 2


class EngineDown(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("The engine does not run.")
    default_code = "engine_unavailable"
    wait = 60


class StorageFull(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("There is no room for more pictures.")
    default_code = "storage_full"
    wait = 60


class NotAmongOwn(NotFound):
    """Says nothing of whether it is somebody else's."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.extra = {"errors": [{"field": field, "code": "not_found", "message": message}]}


class ContentBlocked(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("The model's safety checker refused the picture. Nothing was charged.")
    default_code = "content_blocked"


class CannotDraw(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("The model that was to draw it cannot do this combination. Nothing was charged.")
    default_code = "cannot_draw"


class GenerationTimeout(APIException):
    status_code = status.HTTP_504_GATEWAY_TIMEOUT
    default_detail = _("The picture was not done in time. Nothing was charged.")
    default_code = "generation_timeout"


class GenerationCanceled(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The generation was canceled. Nothing was charged.")
    default_code = "generation_canceled"


class AlreadyEnded(APIException):
    """What was to be canceled is over."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    how = {
        "succeeded": _("It was done before it could be canceled."),
        "failed": _("It failed before it could be canceled. Nothing was charged."),
        "canceled": _("It was canceled already. Nothing was charged."),
    }

    def __init__(self, end: str) -> None:
        super().__init__(self.how[end])


class InProgress(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The first request with this key is not done yet.")
    default_code = "in_progress"
    wait = 5

    def __init__(self, wait: int | None = None) -> None:
        super().__init__()
        self.wait = wait or self.wait


class KeyTaken(InProgress):
    """A request with the same key was accepted in the same moment."""


class IdempotencyMismatch(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This key was sent with another request before. Take a new key for a new request.")
    default_code = "idempotency_mismatch"


class DrawnAndDeleted(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _(
        "What was asked for with this key has been deleted. Take a new key to have it drawn anew."
    )
    default_code = "conflict"


class GenerationFailed(APIException):
    """The accepted request gave no picture; `reason` says what happened in a stable word."""

    status_code = status.HTTP_500_INTERNAL_SERVER_ERROR
    default_detail = _("The picture could not be drawn. Nothing was charged.")
    default_code = "generation_failed"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.extra = {"reason": reason}


# What a finished generation's row may say of how it ended, as the exception that says it over HTTP.
FAILURES: dict[str, type[APIException]] = {
    failure.default_code: failure
    for failure in (
        ContentBlocked,
        CannotDraw,
        EngineDown,
        StorageFull,
        GenerationTimeout,
        GenerationCanceled,
        GenerationFailed,
    )
}


# Why a generation failed, as its row says it: what the engine says, and from `storage` on what the service itself does.
REASONS = (
    "engine_error",
    "engine_unavailable",
    "queue_full",
    "timeout",
    "out_of_memory",
    "device_lost",
    "invalid_output",
    "content_blocked",
    "storage",
    "internal_error",
    "worker_lost",
)


class InvalidImage(APIException):
    """A picture that was sent along is not one that can be used. What is wrong is told, never its content."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("A picture in the request is not one that can be used.")
    default_code = "invalid_image"

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__()
        self.extra = {"errors": [{"field": field, "code": code, "message": message}]}
