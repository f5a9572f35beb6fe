"""The page where people come in, without a browser; see tests/browser for one with."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Invitation, User
from tests.conftest import PASSWORD, Clock
from tests.letters import delivered, link_in

URL = "/session/"
OTHER = "nine quiet lighthouses"
ALICE = {"email": "alice@example.com", "password": PASSWORD}
DAVE = {"email": "dave@example.com", "password": PASSWORD, "display_name": "Dave"}


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found: dict[str, list[str]] = answer.context["form"].errors
    return found


def is_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


def test_in_and_out(client: Client, alice: User) -> None:
    assert client.post(URL, ALICE)["Location"] == "/"
    assert "alice@example.com" in client.get(URL).content.decode()
    assert client.get(f"{URL}?step=signout").status_code == 404
    assert is_in(client)
    assert client.post(f"{URL}?step=signout")["Location"] == URL
    assert not is_in(client)


def test_a_language_is_chosen_and_kept(client: Client, db: None) -> None:
    answer = client.post(f"{URL}?step=language&next=/session/", {"language": "es"})
    assert (answer["Location"], answer.cookies["django_language"].value) == ("/session/", "es")
    assert '<html lang="es">' in client.get(URL).content.decode()
    assert not client.post(f"{URL}?step=language", {"language": "xx"}).cookies


def test_a_browsers_language_is_spoken(client: Client, db: None) -> None:
    assert '<html lang="es">' in client.get(URL, headers={"accept-language": "fr, es;q=0.8"}).content.decode()
    assert client.get(URL, headers={"accept-language": "fr"})["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/api/v1/generations?page_size=5", "/api/v1/generations?page_size=5"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_nowhere_else(client: Client, alice: User, wanted: str, there: str) -> None:
    assert client.post(URL, ALICE, query_params={"next": wanted})["Location"] == there


@pytest.mark.parametrize("wrong", [{"password": "guess"}, {"email": "mallory@example.com"}])
def test_a_wrong_address_and_a_wrong_password_read_alike(
    client: Client, alice: User, wrong: dict[str, str]
) -> None:
    found = errors(client.post(URL, ALICE | wrong))
    assert found == {"__all__": ["The e-mail address or the password is wrong."]}
    assert not is_in(client)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"is_active": False}, "This account is disabled."),
        ({"awaits_confirmation": True}, "This e-mail address is not confirmed yet."),
        ({"awaits_approval": True}, "This account waits for approval"),
    ],
)
def test_who_may_not_come_in_is_told_why(
    client: Client, alice: User, state: dict[str, bool], text: str
) -> None:
    User.objects.update(**state)
    assert errors(client.post(URL, ALICE))["__all__"][0].startswith(text)
    assert not is_in(client)


def test_a_session_needs_the_forms_own_secret(alice: User) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, ALICE).status_code == 403


def test_a_new_account_is_in_at_once(client: Client, db: None) -> None:
    answer = client.post(f"{URL}?step=register&next=/api/v1/generations", DAVE)
    assert answer["Location"] == "/api/v1/generations"
    assert is_in(client)
    assert User.objects.get().display_name == "Dave"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "alice@example.com"}, "email"),
        ({"email": "no address"}, "email"),
        ({"password": "password123"}, "password"),
        ({"password": "dave@example"}, "password"),
        ({"password": "short"}, "password"),
        ({"email": "a\0@example.com"}, "email"),
    ],
)
def test_what_cannot_be_registered_stays_in_the_form(
    client: Client, alice: User, change: dict[str, str], field: str
) -> None:
    answer = client.post(f"{URL}?step=register", DAVE | change)
    assert list(errors(answer)) == [field]
    assert "<title>Error: " in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not is_in(client)


def test_an_invitation_comes_by_its_link(client: Client, db: None, settings: Any) -> None:
    settings.REGISTRATION = "invited"
    _, secret = Invitation.objects.invite(None)
    page = client.get(f"{URL}?invitation={secret}", follow=True)
    assert page.redirect_chain == [(f"{URL}?step=register", 302)]
    assert f'value="{secret}"' in page.content.decode()
    wrong = client.post(f"{URL}?step=register", DAVE | {"invitation": "sdi_x"})
    assert list(errors(wrong)) == ["invitation"]
    assert client.post(f"{URL}?step=register", DAVE | {"invitation": secret}).status_code == 302
    assert is_in(client)


def test_what_a_new_account_waits_for_is_told(client: Client, db: None, settings: Any) -> None:
    settings.REGISTRATION, settings.EMAIL_CONFIRMATION = "approved", True
    page = client.post(f"{URL}?step=register", DAVE, follow=True)
    assert "Open the link in our letter." in page.content.decode()
    page = client.get(link_in(delivered()[0]), follow=True)
    assert page.redirect_chain == [(f"{URL}?step=confirm", 302)]
    assert User.objects.get().awaits_confirmation
    page = client.post(f"{URL}?step=confirm", follow=True)
    assert "Your e-mail address is confirmed. Your account waits for approval" in page.content.decode()
    assert not is_in(client)


def test_a_forgotten_password(client: Client, alice: User) -> None:
    client.post(f"{URL}?step=forgotten", {"email": alice.email})
    link = link_in(delivered()[0])
    page = client.get(link, follow=True)
    assert page.redirect_chain == [(f"{URL}?step=reset", 302)]
    assert link.partition("=")[2] not in page.content.decode()
    cookie = client.cookies["letter"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", URL)

    assert list(errors(client.post(f"{URL}?step=reset", {"password": "password123"}))) == ["password"]
    assert (
        "Your new password is set."
        in client.post(f"{URL}?step=reset", {"password": OTHER}, follow=True).content.decode()
    )
    assert client.cookies["letter"].value == ""
    assert client.post(URL, ALICE | {"password": OTHER}).status_code == 302
    client.get(link)
    assert "Ask for another letter" in str(errors(client.post(f"{URL}?step=reset", {"password": OTHER})))


@pytest.mark.parametrize("letter", ["", "x", "é", "a;b", "%0d%0aX: y", "x" * 5000])
def test_a_wrong_link(client: Client, db: None, letter: str) -> None:
    client.get(f"{URL}?reset={letter}")
    assert list(errors(client.post(f"{URL}?step=reset", {"password": OTHER}))) == ["__all__"]


def test_an_unknown_step(client: Client, db: None) -> None:
    assert client.get(f"{URL}?step=dance").status_code == 404


def test_staff_come_in_by_the_same_page(client: Client, carol: User) -> None:
    page = client.get("/admin/", follow=True)
    there, _ = page.redirect_chain[-1]
    assert there == "/session/?next=%2Fadmin%2F"
    answer = client.post(there, {"email": carol.email, "password": PASSWORD})
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_is_no_staff_is_told_so(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get("/admin/", follow=True).content.decode()
    assert "not one of the staff" in page
    assert "Continue" not in page


def test_nothing_of_the_page_is_kept_or_told_to_others(client: Client, db: None) -> None:
    answer = client.get(URL)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert "<script" not in answer.content.decode()


@pytest.mark.parametrize("limit", ["RATE_LOGIN", "RATE_REGISTER", "RATE_RESET_ACCOUNT"])
def test_too_often(client: Client, alice: User, clock: Clock, settings: Any, limit: str) -> None:
    setattr(settings, limit, "1/h")
    path, form = {
        "RATE_LOGIN": (URL, ALICE | {"password": "guess"}),
        "RATE_REGISTER": (f"{URL}?step=register", ALICE),
        "RATE_RESET_ACCOUNT": (f"{URL}?step=forgotten", ALICE),
    }[limit]
    client.post(path, form)
    answer = client.post(path, form)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert "That was asked for too often." in answer.content.decode()
