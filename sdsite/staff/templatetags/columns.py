"""Cells that know the title of their column, so that a row can be shown as a card where a table has no room."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def titled(cells: Iterable[SafeString], headers: Iterable[Mapping[str, Any]]) -> Iterator[SafeString]:
    """The cells of a row of the admin's lists, each with its column's title as `data-title`."""
    for cell, header in zip(cells, headers, strict=False):
        name, rest = cell[:3], cell[3:]
        is_cell = name in ("<td", "<th") and "<input" not in header["text"]
        title = f' data-title="{escape(capfirst(header["text"]))}"'
        yield mark_safe(f"{name}{title}{rest}") if is_cell else cell  # noqa: S308 - a cell was safe before
