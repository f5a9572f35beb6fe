"""What the service writes to people, in the language of whatever causes it.

`page` is the address of the page where people come in.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from smtplib import SMTPException

from django.core.mail import send_mail
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

# One letter after the other, while the request is answered: neither whether there was a letter nor how slow the mail
# server is can be told from the time that it took. A letter that is lost with the process can be asked for again.
# It rests before each, so that writing it does not compete with the answer either.
REST_SECONDS = 0.02
postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postman")

IGNORE = _("If it was not you who asked for this, ignore this letter.")
WARNING = _("If this was not you, choose a new password at once, or tell the people who run the service.")


def tell_decision(address: str, number: int, *, approved: bool, note: str) -> None:
    """What became of a request for more credits."""
    if approved:
        subject = ngettext("You have {number} credit more", "You have {number} credits more", number)
        text = ngettext(
            "Your request was approved: {number} credit was added.",
            "Your request was approved: {number} credits were added.",
            number,
        )
    else:
        subject = gettext("Your request for more credits")
        text = ngettext(
            "Your request for {number} credit was declined.",
            "Your request for {number} credits was declined.",
            number,
        )
    told = filter(None, [text.format(number=number), note])
    _send(address, subject.format(number=number), "\n\n".join(told))


def ask_to_confirm(address: str, page: str, proof: str) -> None:
    _post(
        address,
        gettext("Confirm your e-mail address"),
        gettext("Open this page to confirm that this address is yours:"),
        f"{page}?confirm={proof}",
        _for_programs("PUT /api/v1/register", proof),
        IGNORE,
    )


def tell_taken(address: str, page: str) -> None:
    """To the owner of an address that somebody tried to register or to move to."""
    _post(
        address,
        gettext("You have an account already"),
        gettext(
            "Somebody, probably you, wanted to use this address for an account. There is one with it already."
        ),
        gettext("Sign in, or choose a new password, at {page}").format(page=f"{page}?step=forgotten"),
        IGNORE,
    )


def send_reset(address: str, page: str, proof: str) -> None:
    _post(
        address,
        gettext("Choose a new password"),
        gettext("Open this page to choose a new password:"),
        f"{page}?reset={proof}",
        _for_programs("PUT /api/v1/password-reset", proof),
        IGNORE,
    )


def tell_new_password(address: str) -> None:
    _post(
        address,
        gettext("Your password was changed"),
        gettext("The password of your account was changed."),
        WARNING,
    )


def tell_new_address(address: str) -> None:
    """To the address that was left."""
    _post(
        address,
        gettext("Your e-mail address was changed"),
        gettext("Your account has another e-mail address from now on. This one is no longer used."),
        WARNING,
    )


def tell_approval(address: str, page: str) -> None:
    text = gettext("Your account is approved. Sign in at {page}").format(page=page)
    _post(address, gettext("Your account is approved"), text)


def _for_programs(request: str, proof: str) -> str:
    told = gettext("The link works once, for a day. A program sends {request} with this token: {token}")
    return told.format(request=request, token=proof)


def _post(address: str, subject: str, *paragraphs: str | Promise) -> None:
    """Hand a letter to the postman."""
    postman.submit(copy_context().run, _carry, address, subject, "\n\n".join(map(str, paragraphs)))


def _carry(address: str, subject: str, text: str) -> None:
    time.sleep(REST_SECONDS)
    _send(address, subject, text)


def _send(address: str, subject: str, text: str) -> None:
    """A letter that cannot be sent undoes nothing."""
    try:
        send_mail(subject, text, None, [address])
    except (SMTPException, OSError) as error:
        logger.warning("a letter could not be sent: %s", type(error).__name__)
