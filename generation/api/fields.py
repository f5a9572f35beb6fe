"""The fields that generation requests need and DRF does not have. The limits are those of `params`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation import params as limits

SIDE_SCHEMA = {
    "type": "integer",
    "minimum": limits.SIDE_MIN,
    "maximum": limits.SIDE_MAX,
    "multipleOf": limits.SIDE_MULTIPLE,
}
STRENGTH_SCHEMA = {
    "type": "number",
    "format": "double",
    "minimum": 0,
    "exclusiveMinimum": True,
    "maximum": limits.STRENGTH_MAX,
}


@extend_schema_field(SIDE_SCHEMA)
class SideField(serializers.IntegerField):
    """Width or height."""

    default_error_messages = {"not_multiple": _("Must be a multiple of {factor}.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=limits.SIDE_MIN, max_value=limits.SIDE_MAX, required=False, **options)

    def to_internal_value(self, data: Any) -> int:
        value = super().to_internal_value(data)
        if value % limits.SIDE_MULTIPLE:
            self.fail("not_multiple", factor=limits.SIDE_MULTIPLE)
        return value


class PromptField(serializers.CharField):
    """Text whose length is looked at first: DRF's search for surrogates takes 0.1 s for a million."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=limits.PROMPT_MAX_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text) > limits.PROMPT_MAX_LENGTH:
            self.fail("max_length", max_length=limits.PROMPT_MAX_LENGTH)
        return text


@extend_schema_field({"type": "string"})
class ImageField(serializers.Field):
    """A picture as base64 or as a data URI. Only whether it is a string is looked at here.

    It is not a `CharField`, which takes 61 ms to look for surrogates in 2 MB.
    """

    default_error_messages = {"invalid": _("A string is required.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


@extend_schema_field(STRENGTH_SCHEMA)
class StrengthField(serializers.FloatField):
    """How much of a picture is given up: more than 0, at most 1."""

    default_error_messages = {"min_value": _("Must be more than 0.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_value=limits.STRENGTH_MAX, **options)

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if value <= 0:
            self.fail("min_value")
        return value
