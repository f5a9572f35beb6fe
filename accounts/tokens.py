"""The form of a token: `sds_` (`sdi_` of an invitation), 30 random characters, 6 of checksum, all base 62.

The checksum lets a scanner tell a leaked token from a look-alike, and lets us refuse a typo without a query.
"""

import hashlib
import secrets
import string
from zlib import crc32

PREFIX = "sds_"
INVITATION_PREFIX = "sdi_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
LENGTH = len(PREFIX) + RANDOM_LENGTH + CHECKSUM_LENGTH


def new_token(prefix: str = PREFIX) -> str:
    body = prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 of `body` in base 62, padded to six digits."""
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(token: str, prefix: str = PREFIX) -> bool:
    body, check = token[:-CHECKSUM_LENGTH], token[-CHECKSUM_LENGTH:]
    return len(token) == LENGTH and token.isascii() and token.startswith(prefix) and checksum(body) == check


def digest(token: str) -> str:
    """What is stored. A token of 178 random bits needs neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
