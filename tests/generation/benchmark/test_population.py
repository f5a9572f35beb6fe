"""A made-up year of use, and the admin's pages in it."""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Kind, LedgerEntry, Quota, User
from generation.benchmark.population import populate
from generation.benchmark.staff import print_pages
from generation.models import GeneratedImage, Generation, Status

pytestmark = pytest.mark.django_db


def test_the_ledger_of_it_adds_up() -> None:
    populate(users=20, generations=300)
    assert User.objects.count() == Quota.objects.count() == 20
    assert not Quota.objects.unexplained().exists()
    succeeded = Generation.objects.filter(status=Status.SUCCEEDED).count()
    assert succeeded == GeneratedImage.objects.count() == LedgerEntry.objects.filter(kind=Kind.SETTLE).count()
    assert 0 < succeeded < 300 == LedgerEntry.objects.filter(kind=Kind.RESERVE).count()


def test_only_an_empty_database_is_filled(alice: User) -> None:
    with pytest.raises(CommandError, match="users already"):
        call_command("populate", "--users=1", "--generations=1")
    assert User.objects.get() == alice


def test_every_page_of_the_admin_opens(capsys: pytest.CaptureFixture[str]) -> None:
    populate(users=5, generations=50)
    print_pages(1)
    pages = json.loads(capsys.readouterr().out)
    assert {
        "index",
        "users",
        "generations",
        "ledger entries",
        "a user who draws",
        "a token and its credits",
    } <= {page["page"] for page in pages}
    assert all(page["queries"] <= 15 for page in pages), pages
