"""What staff see of deliveries, and that they can have one sent again."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from generation.models import WebhookDelivery
from tests.conftest import PASSWORD
from tests.generation.webhooks.conftest import Hooked, send_due, succeed
from tests.receiver import Receiver

LIST = "/admin/generation/webhookdelivery/"


@pytest.fixture
def failed(hooked: Hooked, receiver: Receiver) -> WebhookDelivery:
    """One that its receiver wants no more of."""
    receiver.answers = [(410, {})]
    succeed(
        hooked(receiver.url + "?key=receivers-own-key", ("generation.succeeded",), prompt="a purple castle")
    )
    send_due()
    return WebhookDelivery.objects.get()


def replay(client: Any, delivery: WebhookDelivery) -> str:
    form = {"action": "replay", "_selected_action": [str(delivery.pk)]}
    answer = client.post(
        LIST, form, follow=True, **({"format": "multipart"} if isinstance(client, APIClient) else {})
    )
    page: str = answer.content.decode()
    return page


def test_it_works(as_carol: APIClient, failed: WebhookDelivery) -> None:
    page = as_carol.get(LIST).content.decode()
    for shown in ("generation.succeeded", "alice@example.com", "127.0.0.1", "Failed", "410"):
        assert shown in page


def test_no_secret_and_no_prompt_is_shown(as_carol: APIClient, failed: WebhookDelivery) -> None:
    for path in (LIST, f"{LIST}{failed.pk}/change/"):
        answer = as_carol.get(path)
        assert answer.status_code == 200
        for hidden in ("receivers-own-key", "purple", "whsec_"):
            assert hidden not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state__exact=failed", True),
        ("?state__exact=waiting", False),
        ("?event=generation.succeeded", True),
        ("?event=generation.failed", False),
        ("?q=alice", True),
        ("?q=bob", False),
        ("?q={generation}", True),
        ("?q={delivery}", True),
        ("?q=00000000-0000-0000-0000-000000000000", False),
    ],
)
def test_it_is_filtered_and_searched(
    as_carol: APIClient, failed: WebhookDelivery, query: str, found: bool
) -> None:
    asked = query.format(generation=failed.webhook.generation_id, delivery=failed.pk)
    page = as_carol.get(LIST + asked).content.decode()
    assert (str(failed.pk) in page) == found


def test_one_is_sent_again(
    as_carol: APIClient, carol: User, failed: WebhookDelivery, receiver: Receiver
) -> None:
    assert "Sent again: 1 of 1." in replay(as_carol, failed)
    send_due()
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("delivered", 1)
    assert len({(taken.id, taken.body) for taken in receiver.taken}) == 1
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (carol, str(failed.pk))
    assert entry.get_change_message() == "Sent again."


def test_one_that_is_being_sent_is_left_alone(as_carol: APIClient, waiting: WebhookDelivery) -> None:
    assert waiting.take()
    assert "Sent again: 0 of 1." in replay(as_carol, waiting)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("group", "may"), [("support", False), ("manager", True)])
def test_who_may(failed: WebhookDelivery, group: str, may: bool) -> None:
    member = User.objects.create_user(f"{group}@example.com", PASSWORD, is_staff=True)
    member.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(member)
    assert "generation.succeeded" in client.get(LIST).content.decode()
    replay(client, failed)
    failed.refresh_from_db()
    assert (failed.state == "waiting") == may
