"""What staff did can be read, and not undone."""

import pytest
from django.contrib.admin.models import LogEntry
from rest_framework.test import APIClient

from accounts.models import Plan, User

TRAIL = "/admin/admin/logentry/"


def act(staff: APIClient, action: str, *users: User) -> None:
    form = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    staff.post("/admin/accounts/user/", form, format="multipart")


@pytest.fixture
def entry(as_carol: APIClient, alice: User) -> LogEntry:
    act(as_carol, "disable", alice)
    return LogEntry.objects.get()


def test_it_works(as_carol: APIClient, carol: User, alice: User, entry: LogEntry) -> None:
    page = as_carol.get(TRAIL).content.decode()
    for shown in (carol.email, "changed", "user", f"/admin/accounts/user/{alice.pk}/change/", "Disabled."):
        assert shown in page


def test_what_is_gone_is_no_link(as_carol: APIClient, alice: User) -> None:
    as_carol.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}, format="multipart")
    page = as_carol.get(TRAIL).content.decode()
    assert "alice@example.com" in page
    assert f"/admin/accounts/user/{alice.pk}/change/" not in page


def test_filters_by_person_and_kind(as_carol: APIClient, carol: User, bob: User, entry: LogEntry) -> None:
    kind = entry.content_type_id
    for query in (f"user={carol.pk}", f"content_type={kind}", "q=Disabled", "action_flag__exact=2"):
        assert "Disabled." in as_carol.get(f"{TRAIL}?{query}").content.decode(), query
    assert "Disabled." not in as_carol.get(f"{TRAIL}?action_flag__exact=3").content.decode()
    assert f"user={bob.pk}" not in as_carol.get(TRAIL).content.decode()
    for nonsense in ("user=x", "content_type=x", f"user={bob.pk}"):
        assert as_carol.get(f"{TRAIL}?{nonsense}").status_code == 200


@pytest.mark.parametrize("path", ["add/", "{}/change/", "{}/delete/"])
def test_nothing_is_altered(as_carol: APIClient, entry: LogEntry, path: str) -> None:
    assert as_carol.post(f"{TRAIL}{path.format(entry.pk)}", {"post": "yes"}).status_code == 403
    as_carol.post(TRAIL, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert LogEntry.objects.get() == entry


def test_who_stands_in_it_is_not_deleted(as_carol: APIClient, carol: User, entry: LogEntry) -> None:
    url = f"/admin/accounts/user/{carol.pk}/delete/"
    assert "log entry" in as_carol.get(url).content.decode()
    assert as_carol.post(url, {"post": "yes"}, format="multipart").status_code == 403
    act(as_carol, "delete_selected", carol)
    assert User.objects.filter(pk=carol.pk).exists()


def test_forms_are_in_it_too(as_carol: APIClient) -> None:
    as_carol.post("/admin/accounts/plan/add/", {"name": "Studio"}, format="multipart")
    assert Plan.objects.get().name == "Studio"
    assert "Studio" in as_carol.get(f"{TRAIL}?action_flag__exact=1").content.decode()
