"""Who asks in Spanish is answered in Spanish; in whatever else, in English. What programs read stays as it is."""

import re

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.letters import delivered
from tests.problems import problem_of

SPANISH = {"accept-language": "es"}
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
LOGIN = {"email": "alice@example.com", "password": "guess"}


def readable(answer: HttpResponse) -> str:
    """An answer without what is another one each time: ids and secrets."""
    return re.sub(r"\b(\w{32}|\w{64})\b", "", answer.content.decode())


def of_language(answer: HttpResponseBase) -> tuple[str, bool]:
    """The language that an answer says it is in, and whether another could have been asked for."""
    return answer["Content-Language"], "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize(
    ("accepted", "language", "detail"),
    [
        ("es", "es", "El correo electrónico o la contraseña no son correctos."),
        ("fr, es-MX;q=0.8, en;q=0.5", "es", "El correo electrónico o la contraseña no son correctos."),
        ("en, es;q=0.9", "en", "The e-mail address or the password is wrong."),
        ("", "en", "The e-mail address or the password is wrong."),
        ("fr", "en", "The e-mail address or the password is wrong."),
        ("*", "en", "The e-mail address or the password is wrong."),
        ("es;q=x, \x7f,,;", "en", "The e-mail address or the password is wrong."),
    ],
)
def test_a_refusal_is_in_the_language_that_was_asked_for(
    nobody: APIClient, alice: User, accepted: str, language: str, detail: str
) -> None:
    answer = nobody.post("/api/v1/login", LOGIN, headers={"accept-language": accepted})
    problem = problem_of(answer, 401, "not_authenticated")
    assert (problem["detail"], problem["title"]) == (detail, "Not authenticated")
    assert of_language(answer) == (language, True)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing"])
def test_what_no_view_refuses_is_refused_in_spanish(nobody: APIClient, path: str) -> None:
    problem = problem_of(nobody.get(path, headers=SPANISH), 404, "not_found")
    assert problem["detail"] == "No hay nada en esta dirección."


def test_a_form_is_in_spanish(client: Client, alice: User) -> None:
    page = client.post("/session/?step=signin", LOGIN, headers=SPANISH)
    text = page.content.decode()
    assert "Contraseña" in text
    assert "El correo electrónico o la contraseña no son correctos." in text
    assert "Password" not in text
    assert of_language(page) == ("es", True)


@pytest.mark.parametrize(
    ("headers", "subject", "says"),
    [
        (SPANISH, "Elige una contraseña nueva", "El enlace funciona una sola vez, durante un día."),
        ({"accept-language": "fr"}, "Choose a new password", "The link works once, for a day."),
    ],
)
def test_a_letter_is_in_the_language_of_what_causes_it(
    client: Client, nobody: APIClient, alice: User, headers: dict[str, str], subject: str, says: str
) -> None:
    asked = {"email": alice.email}
    assert client.post("/session/?step=forgotten", asked, headers=headers).status_code == 302
    assert nobody.post("/api/v1/password-reset", asked, headers=headers).status_code == 202
    letters = delivered()
    assert [letter.subject for letter in letters] == [subject, subject]
    assert all(says in str(letter.body) for letter in letters)


def test_what_staff_see_is_in_english(as_carol: APIClient, alice: User) -> None:
    answer = as_carol.get("/admin/", headers=SPANISH)
    assert '<html lang="en"' in answer.content.decode()
    assert not answer.has_header("Content-Language")


@pytest.mark.parametrize("path", ["docs", "redoc", "schema", "account"])
def test_what_is_about_the_api_is_in_english(as_carol: APIClient, path: str) -> None:
    """So is the API as pages."""
    answer = as_carol.get(f"/api/v1/{path}", headers=SPANISH | {"accept": PAGE})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Language", "en") == "en"
    assert readable(as_carol.get(f"/api/v1/{path}", headers={"accept": PAGE})) == readable(answer)


def test_a_refusal_on_a_page_of_the_api_is_in_english(as_carol: APIClient) -> None:
    page = as_carol.get("/api/v1/generations?x=1", headers=SPANISH | {"accept": PAGE})
    assert "This parameter is not known here." in page.content.decode()


def test_what_was_chosen_comes_before_what_the_browser_would_like(client: Client, settings: Settings) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    answer = client.get("/api/v1/nothing", headers={"accept-language": "en"})
    assert answer.json()["detail"] == "No hay nada en esta dirección."
