"""What the service wrote to people."""

from django.core import mail
from django.core.mail import EmailMessage

from accounts.mail import postman


def delivered() -> list[EmailMessage]:
    """All letters that were written until now: the postman carries one after the other, and this one waits for them."""
    postman.submit(int).result()
    return getattr(mail, "outbox", [])


def link_in(letter: EmailMessage) -> str:
    """The link of a letter, as a path with its query."""
    link = next(word for word in str(letter.body).split() if word.startswith("http://testserver/"))
    return link.removeprefix("http://testserver")


def token_in(letter: EmailMessage) -> str:
    """The token that a letter has for programs."""
    return link_in(letter).partition("=")[2]
