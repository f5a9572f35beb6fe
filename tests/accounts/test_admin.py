from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, Kind, LedgerEntry, LimitIncrease, Quota, User
from tests.conftest import PASSWORD


@pytest.mark.parametrize("model", ["user", "authtoken", "quota", "ledgerentry"])
def test_the_lists_can_be_searched(as_carol: APIClient, alice: User, model: str) -> None:
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    AuthToken.objects.issue(alice)
    page = as_carol.get(f"/admin/accounts/{model}/?q=alice")
    assert page.status_code == 200
    assert "alice@example.com" in page.content.decode()


def test_a_user_can_be_added(as_carol: APIClient) -> None:
    form = {
        "email": "Dave@Example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    response = as_carol.post("/admin/accounts/user/add/", form, format="multipart")
    assert response.status_code == 302
    assert User.objects.get(email="dave@example.com").check_password(PASSWORD)


def test_an_address_cannot_be_taken_twice(as_carol: APIClient, alice: User) -> None:
    form = {
        "email": "ALICE@example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    page = as_carol.post("/admin/accounts/user/add/", form, format="multipart")
    assert "already exists" in page.content.decode()


def test_neither_secret_nor_digest_of_a_token_is_shown(as_carol: APIClient, alice: User) -> None:
    token, secret = AuthToken.objects.issue(alice)
    page = as_carol.get(f"/admin/accounts/authtoken/{token.pk}/change/").content.decode()
    assert token.start in page
    assert secret not in page
    assert token.digest not in page


def test_nobody_adds_tokens_for_others(as_carol: APIClient) -> None:
    assert as_carol.get("/admin/accounts/authtoken/add/").status_code == 403


def test_who_is_no_staff_stays_out(nobody: APIClient, alice: User) -> None:
    nobody.force_login(alice)
    assert nobody.get("/admin/").status_code == 302


def add_line(staff: APIClient, user: User, number: int) -> str:
    """Write a line into the ledger; the page that comes back."""
    form = {"user": str(user.pk), "credits": number, "reason": "Support case 7"}
    page = staff.post("/admin/accounts/ledgerentry/add/", form, format="multipart", follow=True)
    return page.content.decode()


def test_staff_give_credits_and_take_some_back(as_carol: APIClient, alice: User, carol: User) -> None:
    assert "was added successfully" in add_line(as_carol, alice, 50)
    add_line(as_carol, alice, -20)
    assert Quota.objects.get().balance == 30
    assert [(line.kind, line.balance, line.actor) for line in alice.ledger.all()] == [
        (Kind.CORRECTION, -20, carol),
        (Kind.GRANT, 50, carol),
    ]


@pytest.mark.parametrize(
    ("number", "reason"),
    [(0, "Nothing would change."), (-1, "not that much"), (10**10, "less than or equal")],
)
def test_a_line_that_cannot_be_is_refused_with_a_reason(
    as_carol: APIClient, alice: User, number: int, reason: str
) -> None:
    assert reason in add_line(as_carol, alice, number)
    assert not LedgerEntry.objects.exists()


def test_a_line_is_shown_and_not_changed(as_carol: APIClient, alice: User) -> None:
    entry = Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    url = f"/admin/accounts/ledgerentry/{entry.pk}/change/"
    assert "Welcome" in as_carol.get(url).content.decode()
    assert as_carol.post(url, {"reason": "x"}, format="multipart").status_code == 403
    assert as_carol.post(url.replace("change", "delete")).status_code == 403


def act(staff: APIClient, action: str, *users: User) -> None:
    form = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    assert staff.post("/admin/accounts/user/", form, format="multipart").status_code == 302


def test_staff_disable_others_and_never_themselves(
    as_carol: APIClient, as_alice: APIClient, alice: User, carol: User
) -> None:
    act(as_carol, "disable", alice, carol)
    assert as_alice.get("/api/v1/account").json()["code"] == "account_disabled"
    assert as_carol.get("/admin/").status_code == 200
    act(as_carol, "enable", alice)
    assert as_alice.get("/api/v1/account").status_code == 200


def test_staff_reset_the_period(as_carol: APIClient, alice: User, bob: User, carol: User) -> None:
    Quota.objects.reserve(alice, 5, generation=uuid4())
    act(as_carol, "reset_allowance", alice, bob)
    assert Quota.objects.current(alice).used == 0
    line = alice.ledger.get(kind=Kind.CORRECTION)
    assert (line.allowance, line.actor) == (5, carol)
    assert not bob.ledger.exists()


def test_staff_revoke_tokens(as_carol: APIClient, as_alice: APIClient, alice: User) -> None:
    act(as_carol, "revoke_tokens", alice)
    assert as_alice.get("/api/v1/account").json()["code"] == "invalid_token"


def test_an_account_goes_with_its_quota_and_leaves_the_ledger(as_carol: APIClient, alice: User) -> None:
    Quota.objects.grant(alice, 5, actor=None, reason="Welcome")
    LimitIncrease.objects.ask(alice, 5, "A book")
    quota = Quota.objects.get()
    assert as_carol.post(f"/admin/accounts/quota/{quota.pk}/delete/", {"post": "yes"}).status_code == 403
    as_carol.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}, format="multipart")
    assert not User.objects.filter(pk=alice.pk).exists()
    assert LedgerEntry.objects.get().user is None


def test_what_staff_did_can_be_read(as_carol: APIClient, alice: User) -> None:
    act(as_carol, "disable", alice)
    assert "Disabled." in as_carol.get(f"/admin/accounts/user/{alice.pk}/history/").content.decode()


def test_staff_see_what_pictures_tell(as_carol: APIClient, alice: User) -> None:
    page = as_carol.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    assert 'name="prompts_in_pictures"' in page
