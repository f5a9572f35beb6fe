"""No token and no password stands in what the tests before have left: databases, logs and letters. It runs last."""

import logging
from pathlib import Path

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import User
from tests import evidence
from tests.conftest import PASSWORD

PASSWORDS = [PASSWORD, "nine quiet lighthouses"]


@pytest.fixture
def something(nobody: APIClient, carol: User) -> str:
    """A token, and with it at least a line of each kind of evidence, in whatever selection of tests this runs."""
    body = {"email": "dave@example.com", "password": PASSWORD}
    token: str = nobody.post("/api/v1/register", body).json()["token"]
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    nobody.get(f"/api/v1/account?password={PASSWORD}")
    mail.send_mail("A letter", "Nothing is in it.", None, [carol.email])
    for message in mail.outbox:
        evidence.keep_mail(message)
    return token


@pytest.mark.django_db
@pytest.mark.usefixtures("something")
def test_no_secret_is_left_anywhere() -> None:
    assert evidence.kinds() == {evidence.LOG, evidence.MAIL, evidence.DATABASE}
    assert list(evidence.leaks(PASSWORDS)) == []


@pytest.mark.django_db
def test_a_secret_would_be_found(
    something: str, carol: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "FOLDER", tmp_path)
    logging.getLogger("sdsite").warning("She sent %s", something)
    User.objects.filter(pk=carol.pk).update(display_name=PASSWORD)
    evidence.keep_mail(mail.EmailMessage("Hello", f"Your token is {something}."))
    found = list(evidence.leaks(PASSWORDS))
    assert {text.split(":")[0] for text in found} == {
        "a token in log",
        "password 0 in database",
        "a token in mail",
    }
