"""What the service writes to people. `page` is the address of the page where people come in."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from smtplib import SMTPException

from django.core.mail import send_mail

logger = logging.getLogger(__name__)

# One letter after the other, while the request is answered: neither whether there was a letter nor how slow the mail
# server is can be told from the time that it took. A letter that is lost with the process can be asked for again.
# It rests before each, so that writing it does not compete with the answer either.
REST_SECONDS = 0.02
postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postman")

IGNORE = "If it was not you who asked for this, ignore this letter."
WARNING = "If this was not you, choose a new password at once, or tell the people who run the service."


def tell_decision(address: str, number: int, *, approved: bool, note: str) -> None:
    """What became of a request for more credits."""
    credits = "1 credit" if number == 1 else f"{number} credits"
    if approved:
        subject, text = f"You have {credits} more", f"Your request was approved: {credits} were added."
    else:
        subject, text = "Your request for more credits", f"Your request for {credits} was declined."
    _send(address, subject, "\n\n".join(filter(None, [text, note])))


def ask_to_confirm(address: str, page: str, proof: str) -> None:
    _post(
        address,
        "Confirm your e-mail address",
        "Open this page to confirm that this address is yours:",
        f"{page}?confirm={proof}",
        f"The link works once, for a day. A program sends PUT /api/v1/register with this token: {proof}",
        IGNORE,
    )


def tell_taken(address: str, page: str) -> None:
    """To the owner of an address that somebody tried to register or to move to."""
    _post(
        address,
        "You have an account already",
        "Somebody, probably you, wanted to use this address for an account. There is one with it already.",
        f"Sign in, or choose a new password, at {page}?step=forgotten",
        IGNORE,
    )


def send_reset(address: str, page: str, proof: str) -> None:
    _post(
        address,
        "Choose a new password",
        "Open this page to choose a new password:",
        f"{page}?reset={proof}",
        f"The link works once, for a day. A program sends PUT /api/v1/password-reset with this token: {proof}",
        IGNORE,
    )


def tell_new_password(address: str) -> None:
    _post(address, "Your password was changed", "The password of your account was changed.", WARNING)


def tell_new_address(address: str) -> None:
    """To the address that was left."""
    _post(
        address,
        "Your e-mail address was changed",
        "Your account has another e-mail address from now on. This one is no longer used.",
        WARNING,
    )


def tell_approval(address: str, page: str) -> None:
    _post(address, "Your account is approved", f"Your account is approved. Sign in at {page}")


def _post(address: str, subject: str, *paragraphs: str) -> None:
    """Hand a letter to the postman."""
    postman.submit(copy_context().run, _carry, address, subject, "\n\n".join(paragraphs))


def _carry(address: str, subject: str, text: str) -> None:
    time.sleep(REST_SECONDS)
    _send(address, subject, text)


def _send(address: str, subject: str, text: str) -> None:
    """A letter that cannot be sent undoes nothing."""
    try:
        send_mail(subject, text, None, [address])
    except (SMTPException, OSError) as error:
        logger.warning("a letter could not be sent: %s", type(error).__name__)
