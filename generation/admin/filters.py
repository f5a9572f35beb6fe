"""What the list of generations is filtered by: values that there may be, for to find those that there are is to read
the table."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generation.exceptions import REASONS
from generation.models import Generation
from generation.params import RequestType


class TypeFilter(admin.SimpleListFilter):
    title = "type"
    parameter_name = "request_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.value) for kind in RequestType]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        return queryset.filter(request_type=self.value()) if self.value() else queryset


class ReasonFilter(admin.SimpleListFilter):
    title = "error reason"
    parameter_name = "error_reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(reason, reason) for reason in REASONS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        return queryset.filter(error_reason=self.value()) if self.value() else queryset
