"""Query parameters are taken at their word, as bodies are: see `strict`."""

from collections.abc import Mapping
from typing import Any, Self

from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings

from accounts.exceptions import invalid
from accounts.pagination import MAX_PAGE_SIZE, PAGE_SIZE


class Repeated(serializers.ListField):
    """A parameter that may come several times. A wrong value is refused in the parameter's own name."""

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        return [self.child.run_validation(value) for value in data]


class QuerySerializer(serializers.Serializer):
    """The query of a request; an unknown parameter is refused, but for the one that chooses a renderer."""

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        for name in data:
            if name not in self.fields and name != api_settings.URL_FORMAT_OVERRIDE:
                raise invalid(name[:64], gettext("This parameter is not known here."), "unknown_field")
        return super().to_internal_value(data)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The request's query, checked."""
        sent, query = request.query_params, cls()
        repeated = [name for name, field in query.fields.items() if isinstance(field, Repeated)]
        query.initial_data = sent.dict() | {name: sent.getlist(name) for name in repeated if name in sent}
        query.is_valid(raise_exception=True)
        return query

    @classmethod
    def check(cls, request: Request) -> dict[str, Any]:
        """The values of the request's query."""
        return cls.of(request).validated_data


class PageQuery(QuerySerializer):
    """Which page of a list."""

    page_size = serializers.IntegerField(
        min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE, help_text="How many to show on a page."
    )
    cursor = serializers.CharField(
        min_length=1,
        max_length=500,
        required=False,
        help_text="Where the page starts; taken from `next` or `previous`, never made by hand.",
    )
