import re
from zlib import crc32

import pytest

from accounts.tokens import checksum, digest, is_well_formed, new_token


def test_the_form_of_a_token() -> None:
    token = new_token()
    assert re.fullmatch(r"sds_[0-9A-Za-z]{36}", token)
    assert is_well_formed(token)
    assert new_token() != token


def test_the_checksum_is_crc32_in_base_62() -> None:
    assert crc32(b"sds_") == sum(digit * 62**place for place, digit in enumerate([24, 25, 51, 22, 16, 4]))
    assert checksum("sds_") == "4GMpPO"


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "0", str.lower, str.swapcase]
)
def test_a_typo_is_found(change: object) -> None:
    assert callable(change)
    assert not is_well_formed(change("sds_" + "aB" * 15 + checksum("sds_" + "aB" * 15)))


def test_the_digest_is_sha_256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
