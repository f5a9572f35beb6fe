"""Pages that do not shift when new rows arrive.

They stand in the lowest room because every room with a list needs them.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


class PageSerializer(serializers.Serializer):
    """A page; whoever says of what adds `results`."""

    next = serializers.URLField(allow_null=True, help_text="The page with what is older.")
    previous = serializers.URLField(allow_null=True, help_text="The page with what is newer.")


class NewestFirst(CursorPagination):
    """For models with `created_at`."""

    ordering = ("-created_at", "-id")
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def decode_cursor(self, request: Request) -> Any:
        """DRF's cursor, with its position looked at: a forged one is a bad request, not a failing query."""
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                _check_position(str(cursor.position))
        except (NotFound, ValueError):
            raise ValidationError({"cursor": [gettext("This is no cursor.")]}) from None
        return cursor


def _check_position(position: str) -> None:
    moment = parse_datetime(position)
    if moment is None or moment.tzinfo is None:
        raise ValueError(position)


def paged(
    view: APIView,
    request: Request,
    rows: QuerySet[Any],
    serializer: type[serializers.BaseSerializer[Any]],
    context: dict[str, Any] | None = None,
) -> Response:
    """The page of `rows` that the query of the request names, which has been checked."""
    paginator = NewestFirst()
    page = paginator.paginate_queryset(rows, request, view=view)
    return paginator.get_paginated_response(serializer(page, many=True, context=context or {}).data)
