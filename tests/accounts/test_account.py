from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from accounts.models import Quota, User

URL = "/api/v1/account"


def test_it_works(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.MAX_PIXELS = 4096
    Quota.objects.reserve(alice, 3, generation=uuid4())
    account = as_alice.get(URL).json()
    assert account["email"] == "alice@example.com"
    assert account["display_name"] == "Alice"
    assert account["quota"].pop("resets_at").endswith("-01T00:00:00Z")
    assert account["quota"] == {"limit": 100, "used": 3, "remaining": 97, "balance": 0}
    assert account["plan"] is None
    assert account["prompts_in_pictures"] is True
    assert account["limits"] == {
        "max_pixels": 4096,
        "max_steps": 150,
        "max_images": 8,
        "max_unfinished": 32,
        "rate_limit": 60,
        "retention_days": 0,
    }


def test_an_allowance_without_a_period_never_resets(as_alice: APIClient, settings: Any) -> None:
    settings.QUOTA_PERIOD = "never"
    assert as_alice.get(URL).json()["quota"]["resets_at"] is None


def test_everybody_sees_the_own_account_only(as_alice: APIClient, as_bob: APIClient) -> None:
    assert as_alice.get(URL).json()["email"] == "alice@example.com"
    assert as_bob.get(URL).json()["email"] == "bob@example.com"
