"""Bearer tokens in the Authorization header."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.exceptions import InvalidToken
from accounts.models import AuthToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer sds_...`; no header, or another scheme, is not ours to judge."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            token = AuthToken.objects.redeem(secret.strip().decode("ascii"))
        except UnicodeDecodeError as error:
            raise InvalidToken from error
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def caller(request: Request) -> User:
    """The user of a request that only an authenticated one can have made."""
    assert isinstance(request.user, User)
    return request.user
