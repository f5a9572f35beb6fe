"""Why an engine did not draw. `reason` is the stable word that the API shows."""


class EngineError(Exception):
    """A request ended without a picture."""

    reason = "engine_error"


class EngineLoading(EngineError):
    """The model is still being loaded."""

    reason = "model_loading"


class EngineUnavailable(EngineError):
    """The model could not be loaded, or the engine was stopped."""

    reason = "engine_unavailable"


class EngineBusy(EngineError):
    """The waiting room is full."""

    reason = "queue_full"


class DeadlineExceeded(EngineError):
    """The caller's time ran out before the picture was done."""

    reason = "timeout"


class Cancelled(EngineError):
    """The ticket was cancelled."""

    reason = "canceled"


class OutOfMemory(EngineError):
    """The request does not fit into the device's memory."""

    reason = "out_of_memory"


class DeviceLost(EngineError):
    """The device failed in a way that only a new process mends."""

    reason = "device_lost"


class InvalidOutput(EngineError):
    """The model gave values that are no picture: not finite, or a single colour."""

    reason = "invalid_output"


class ContentBlocked(EngineError):
    """The model's own safety checker refused a picture."""

    reason = "content_blocked"


class ModelRefused(Exception):
    """The model named in the settings is missing, of an unknown kind, or not safe to load."""
