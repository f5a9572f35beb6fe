"""Refusals of this room. `extra` goes into the problem as it is, `wait` becomes Retry-After."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError as DjangoValidationError
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed, ErrorDetail, ValidationError
from rest_framework.fields import get_error_detail


class InvalidToken(AuthenticationFailed):
    default_detail = _("The token is not valid.")
    default_code = "invalid_token"


class TokenExpired(AuthenticationFailed):
    default_detail = _("The token has expired. Log in again.")
    default_code = "token_expired"


class WrongCredentials(APIException):
    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = _("The e-mail address or the password is wrong.")
    default_code = "not_authenticated"
    auth_header = 'Bearer realm="api"'


class AccountDisabled(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("This account is disabled.")
    default_code = "account_disabled"


class EmailUnconfirmed(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("This e-mail address is not confirmed yet. Open the link in our letter.")
    default_code = "email_unconfirmed"


class ApprovalPending(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("This account waits for approval by the people who run the service.")
    default_code = "approval_pending"


class WrongPassword(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("This is not your present password.")
    default_code = "wrong_password"

    def __init__(self, field: str = "password") -> None:
        super().__init__()
        self.extra = {"errors": [{"field": field, "code": "wrong", "message": self.default_detail}]}


class DeedsRemain(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("What this account did as staff has to stay readable. Have it disabled instead.")
    default_code = "permission_denied"


class InvalidLetter(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("This link is not valid, or no longer. Ask for another letter.")
    default_code = "invalid_letter"
    extra = {"errors": [{"field": "token", "code": "invalid", "message": default_detail}]}


class InvitationRequired(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("Only those who were invited can register. Send your invitation along.")
    default_code = "invitation_required"
    extra = {"errors": [{"field": "invitation", "code": "required", "message": default_detail}]}


class InvitationInvalid(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("This invitation is not valid, or no longer, or for another address.")
    default_code = "invitation_invalid"
    extra = {"errors": [{"field": "invitation", "code": "invalid", "message": default_detail}]}


class EmailTaken(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This e-mail address already has an account.")
    default_code = "conflict"
    extra = {"errors": [{"field": "email", "code": "unique", "message": default_detail}]}


class QuotaExhausted(APIException):
    status_code = status.HTTP_402_PAYMENT_REQUIRED
    default_code = "quota_exhausted"

    def __init__(self, cost: int, remaining: int) -> None:
        super().__init__(f"{_costs(cost)} {_left(remaining)}")
        self.extra = {"cost": cost, "remaining": remaining, "increase_limit": reverse("increase-limit")}


class TokenCapReached(APIException):
    status_code = status.HTTP_402_PAYMENT_REQUIRED
    default_code = "token_cap_reached"

    def __init__(self, cost: int, remaining: int) -> None:
        super().__init__(f"{_costs(cost)} {_left_of_cap(remaining)}")
        self.extra = {"cost": cost, "remaining": remaining}


class RateLimited(APIException):
    """`wait` and `headers` say when to come again."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_detail = _("That was asked for too often.")
    default_code = "rate_limited"

    def __init__(self, wait: int, headers: dict[str, str]) -> None:
        super().__init__()
        self.wait, self.headers = wait, headers


class ServiceUnavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("A part of the service does not answer. Try again later.")
    default_code = "service_unavailable"
    wait = 10


class CountersUnreachable(ServiceUnavailable):
    """What has to be counted cannot be, and so is refused."""


class TooManyTokens(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"

    def __init__(self, most: int) -> None:
        super().__init__(gettext("An account can have {most} tokens. Revoke one first.").format(most=most))


class IncreasePending(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Your last request for more credits still waits for its answer.")
    default_code = "conflict"


class PaymentProcessing(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Your last payment is still being processed.")
    default_code = "conflict"


class PaymentUnavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Payments cannot be taken now. Nothing was charged; try again later.")
    default_code = "payment_unavailable"
    wait = 30


class InvalidSignature(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("The signature is missing, wrong, or not of now.")
    default_code = "invalid_signature"


class CorrectionRefused(ValueError):
    """A correction would take more than there is, or give back more than was used."""


def invalid(field: str, message: str, code: str = "invalid") -> ValidationError:
    """The refusal of one field."""
    return ValidationError({field: [ErrorDetail(message, code=code)]})


@contextmanager
def naming(field: str) -> Iterator[None]:
    """What a rule of Django's refuses becomes the refusal of this field."""
    try:
        yield
    except DjangoValidationError as error:
        raise ValidationError({field: get_error_detail(error)}) from error


def _costs(number: int) -> str:
    return ngettext("This costs {number} credit.", "This costs {number} credits.", number).format(
        number=number
    )


def _left(number: int) -> str:
    return ngettext("{number} credit is left.", "{number} credits are left.", number).format(number=number)


def _left_of_cap(number: int) -> str:
    return ngettext(
        "{number} credit is left of this token's cap.",
        "{number} credits are left of this token's cap.",
        number,
    ).format(number=number)
