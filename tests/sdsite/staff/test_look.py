"""What every page of staff has in common."""

import re

import pytest
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient

from accounts.models import LimitIncrease, Quota, User

PAGES = [
    "",
    "accounts/user/",
    "accounts/user/add/",
    "accounts/quota/",
    "accounts/authtoken/",
    "accounts/ledgerentry/",
    "accounts/ledgerentry/add/",
    "accounts/limitincrease/",
    "generation/generation/",
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_need_nothing_from_elsewhere(as_carol: APIClient, alice: User, page: str) -> None:
    """A strict policy of contents can be set: no inline script, and every file is there."""
    content = as_carol.get(f"/admin/{page}").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", content)
    assert not re.search(r"\son\w+=", content)
    files = re.findall(r'(?:src|href)="(?:/static/)([^"]+)"', content)
    assert "staff/staff.css" in files
    assert [name for name in files if finders.find(name) is None] == []
    assert not re.search(r'<(?:script|link|img)[^>]*(?:src|href)="(?:https?:)?//', content)


def test_every_group_of_lists_has_a_name_for_people(as_carol: APIClient) -> None:
    content = as_carol.get("/admin/").content.decode()
    names = set(re.findall(r'class="section"[^>]*>([^<]+)<', content))
    assert {"Accounts", "Audit trail", "Second step: devices", "Second step: recovery codes"} <= names
    assert not any("_" in name for name in names)


def test_a_cell_knows_the_title_of_its_column(as_carol: APIClient, alice: User) -> None:
    Quota.objects.grant(alice, 7, actor=None, reason="<Welcome>")
    content = as_carol.get("/admin/accounts/ledgerentry/").content.decode()
    assert '<td data-title="Balance" class="field-balance">7</td>' in content
    assert "&lt;Welcome&gt;" in content


def test_the_note_goes_with_the_choice_of_an_action(as_carol: APIClient, alice: User) -> None:
    LimitIncrease.objects.ask(alice, 5, "A book")
    content = as_carol.get("/admin/accounts/limitincrease/").content.decode()
    assert 'name="note"' in content
    assert "accounts/decisions.css" in content


def test_a_filter_says_what_is_chosen(as_carol: APIClient, alice: User) -> None:
    assert "Active: <strong>No</strong>" in as_carol.get(
        "/admin/accounts/user/?is_active__exact=0"
    ).content.decode().replace("</summary>", "")


def test_an_empty_list_says_so(as_carol: APIClient) -> None:
    assert "Nothing here." in as_carol.get("/admin/accounts/ledgerentry/").content.decode()
