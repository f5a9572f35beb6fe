"""What the service writes to people."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail

logger = logging.getLogger(__name__)


def tell_decision(address: str, number: int, *, approved: bool, note: str) -> None:
    """What became of a request for more credits."""
    credits = "1 credit" if number == 1 else f"{number} credits"
    if approved:
        subject, text = f"You have {credits} more", f"Your request was approved: {credits} were added."
    else:
        subject, text = "Your request for more credits", f"Your request for {credits} was declined."
    _send(address, subject, "\n\n".join(filter(None, [text, note])))


def _send(address: str, subject: str, text: str) -> None:
    """A letter that cannot be sent undoes nothing."""
    try:
        send_mail(subject, text, None, [address])
    except (SMTPException, OSError) as error:
        logger.warning("a letter could not be sent: %s", type(error).__name__)
