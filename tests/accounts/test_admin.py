import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, Quota, User
from tests.conftest import PASSWORD


@pytest.mark.parametrize("model", ["user", "authtoken", "quota"])
def test_the_lists_can_be_searched(as_carol: APIClient, alice: User, model: str) -> None:
    Quota.objects.current(alice)
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


def test_a_limit_below_what_is_used_is_refused_with_a_reason(as_carol: APIClient, alice: User) -> None:
    Quota.objects.reserve(alice, 5)
    quota = Quota.objects.get()
    form = {"user": str(alice.pk), "limit": 4, "used": 5, "balance": 0}
    page = as_carol.post(f"/admin/accounts/quota/{quota.pk}/change/", form, format="multipart")
    assert "Used may not be more than the limit." in page.content.decode()


def test_who_is_no_staff_stays_out(nobody: APIClient, alice: User) -> None:
    nobody.force_login(alice)
    assert nobody.get("/admin/").status_code == 302
