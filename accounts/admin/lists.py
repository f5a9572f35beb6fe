"""Lists of tables that grow with use: what every page of the list costs must not grow with them."""

import uuid
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.models import User

# Further back one gets by searching and filtering.
MOST_LISTED = 10_000
# Of people whom a search finds, these are looked for in the list.
MOST_FOUND = 200


class ShortPaginator(Paginator):
    """Counts no further than somebody would turn pages: counting a million rows takes longer than showing some."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:MOST_LISTED].count()

    @property
    def is_cut(self) -> bool:
        return self.count == MOST_LISTED


class LongChangeList(ChangeList):
    """What is not counted is not told to be "all": only a search or a filter has results that are fewer."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class LongList(admin.ModelAdmin):
    """A list of what users did: the newest first, searched by whose it is, or by an id."""

    paginator = ShortPaginator
    show_full_result_count = False
    list_per_page = 50
    # A search finds its owners first, because no index helps to find part of an address through a join.
    search_fields = ["user__email"]
    search_help_text = "An e-mail address or a part of it, or an id"

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return LongChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = _id(term)
        if wanted is not None:
            return queryset.filter(self.with_id(wanted)), False
        owners = User.objects.filter(email__icontains=term).order_by().values_list("pk", flat=True)
        return queryset.filter(user__in=list(owners[:MOST_FOUND])), False

    def with_id(self, wanted: uuid.UUID) -> Q:
        """The rows that an id names."""
        return Q(user=wanted)


def _id(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None
