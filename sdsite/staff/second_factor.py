"""The devices that show codes, and the codes for when such a device is lost."""

import hashlib
import re
import secrets
from base64 import b32encode

import qrcode
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from accounts.models import User

RECOVERY_CODES = 10
# As many characters as otp_static has room for: half of them would be enough for codes that are throttled.
DIGEST_LENGTH = 16
OF_A_DEVICE = re.compile(r"[0-9]{6}")


def device_of(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def device_to_enrol(user: User) -> TOTPDevice:
    """The same one until its first code is right, so that a page loaded twice shows one secret."""
    device, _ = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "Authenticator"}
    )
    return device


def secret_of(device: TOTPDevice) -> str:
    """For those who type it, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_code(device: TOTPDevice) -> SafeString:
    """An SVG element of paths alone: it needs no file, no script and no style."""
    image = qrcode.make(device.config_url, image_factory=SvgPathImage, box_size=8, border=2)
    return mark_safe(image.to_string(encoding="unicode"))  # noqa: S308 - drawn from squares


def enrol(device: TOTPDevice, code: str) -> bool:
    """Whether the code is right; from then on the device is asked for."""
    with transaction.atomic():
        fresh = TOTPDevice.objects.select_for_update().filter(pk=device.pk, confirmed=False).first()
        right = fresh is not None and fresh.verify_token(code)
        return right and TOTPDevice.objects.filter(pk=device.pk, confirmed=False).update(confirmed=True) == 1


def verified_device(user: User, code: str) -> Device | None:
    """The device that a code is of: a code that changes every 30 seconds, or a recovery code, which works once."""
    code = code.replace(" ", "").lower()
    if OF_A_DEVICE.fullmatch(code):
        device = device_of(user)
    else:
        device, code = StaticDevice.objects.filter(user=user, confirmed=True).first(), _digest(code)
    return verify_token(user, device.persistent_id, code) if device else None


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Codes in place of all earlier ones. Only digests are kept, so this is when they can be seen."""
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "Recovery codes"})
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
    device.token_set.all().delete()
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return codes


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:DIGEST_LENGTH]
