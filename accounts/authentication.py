"""Tokens in a request's headers."""

import binascii
from base64 import b64decode

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import trail
from accounts.exceptions import InvalidToken
from accounts.models import AuthToken, User
from accounts.tokens import PREFIX


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer sds_...`. Clients that can do no better may send `Authorization: Token sds_...`, the token
    as the password of HTTP Basic, or as the header `apikey`.

    What is none of these is not ours to judge.
    """

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        secret = _secret(request)
        if secret is None:
            return None
        try:
            token = AuthToken.objects.redeem(secret.strip().decode("ascii"))
        except UnicodeDecodeError as error:
            raise InvalidToken from error
        trail.user_id.set(str(token.user_id))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _secret(request: Request) -> bytes | None:
    scheme, _, value = get_authorization_header(request).partition(b" ")
    match scheme.lower():
        case b"bearer" | b"token":
            return value
        case b"basic":
            return _password(value)
        case b"":
            return request.headers["apikey"].encode() if "apikey" in request.headers else None
        case _:
            return None


def _password(value: bytes) -> bytes | None:
    """The password of HTTP Basic, if it looks like a token; else somebody means another kind of password."""
    try:
        _, _, password = b64decode(value.strip(), validate=True).partition(b":")
    except binascii.Error:
        return None
    return password if password.startswith(PREFIX.encode()) else None


def caller(request: Request) -> User:
    """The user of a request that only an authenticated one can have made."""
    assert isinstance(request.user, User)
    return request.user
