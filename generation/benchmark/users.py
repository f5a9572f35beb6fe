"""The users of a benchmark's server. No password of theirs is ever asked for, so none is hashed."""

from accounts.models import AuthToken, User


def print_tokens(count: int) -> None:
    """Make users, and print a token of each: what `server` reads."""
    for number in range(count):
        user = User.objects.create_user(f"client{number}@example.com")
        print(AuthToken.objects.issue(user)[1])  # noqa: T201
