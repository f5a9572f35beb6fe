"""Secrets that have to be read again: in the database they are encrypted, with a key that follows from SECRET_KEY."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

PURPOSE = "generation.webhooks.sealing"


def seal(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """None where it was sealed under another SECRET_KEY."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    return Fernet(urlsafe_b64encode(salted_hmac(PURPOSE, "key", algorithm="sha256").digest()))
