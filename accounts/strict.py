"""Requests are taken at their word: no field that is not known, no value that is not of its field's type.

This stands in the lowest room because every room with a request body needs it.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any, cast

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

# DRF would take 1.0, "5" and true for an integer, and 5 for a string.
JSON_TYPES: dict[type[serializers.Field], tuple[type, ...]] = {
    serializers.BooleanField: (bool,),
    serializers.IntegerField: (int,),
    serializers.FloatField: (int, float),
    serializers.CharField: (str,),
    serializers.ChoiceField: (str,),
    serializers.DateTimeField: (str,),
}
LONGEST_ECHO = 64
MOST_ECHOES = 20


class StrictSerializer(serializers.Serializer):
    """A serializer of a request body that names every unknown field and every value of a wrong JSON type."""

    default_error_messages = {"invalid": _("The body must be a JSON object.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        values: dict[str, Any] = {}
        refusals = self._unknown(data) | self._mistyped(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            refusals = {**cast("dict[str, Any]", error.detail), **refusals}
        if refusals:
            raise ValidationError(refusals)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = {name for name, field in self.fields.items() if not field.read_only}
        refusal = ErrorDetail(gettext("This field is not known here."), code="unknown_field")
        unknown = (name[:LONGEST_ECHO] for name in data if name not in known)
        return {name: [refusal] for name in islice(unknown, MOST_ECHOES)}

    def _mistyped(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        return {
            name: [_type_error(field)]
            for name, field in self.fields.items()
            if data.get(name) is not None and not _fits(field, data[name])
        }


def _fits(field: serializers.Field, value: Any) -> bool:
    for kind, accepted in JSON_TYPES.items():
        if isinstance(field, kind):
            return isinstance(value, accepted) and (accepted == (bool,) or not isinstance(value, bool))
    return True


def _type_error(field: serializers.Field) -> ErrorDetail:
    """The field's own words; only a choice has none for this."""
    is_choice = isinstance(field, serializers.ChoiceField)
    message = gettext("A string is required.") if is_choice else str(field.error_messages["invalid"])
    return ErrorDetail(message, code="invalid")
