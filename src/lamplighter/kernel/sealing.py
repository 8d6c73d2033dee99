"""Personal fields: sealed so that a copy of the database tells nothing, masked so that a page may
show them.

One *field key* of 32 bytes stands behind everything. Each use has a key of its own, derived from
it (HKDF-SHA256, RFC 5869), so that an index can never open a seal.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"  # AES-256-GCM, nonce of 12 bytes in front of the sealed text
KEY_BYTES = 32
NONCE_BYTES = 12
MASK = "****"


class FieldKeyWrong(ValueError):
    """The field key is not 32 bytes."""


class SealBroken(ValueError):
    """A sealed value was made with another key, or was changed since."""


def seal(text: str, key: bytes) -> bytes:
    """Seal a text; the same text sealed twice looks different.

    >>> unseal(seal("王小明", bytes(32)), bytes(32))
    '王小明'

    Raises
    ------
    FieldKeyWrong
        The key is not 32 bytes.
    """
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + _cipher(key).encrypt(nonce, text.encode(), FORMAT)


def unseal(sealed: bytes, key: bytes) -> str:
    """Return the text of a sealed value.

    Raises
    ------
    FieldKeyWrong
        The key is not 32 bytes.
    SealBroken
        Another key, another format, or changed bytes.
    """
    sealed = bytes(sealed)
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    cipher = _cipher(key)
    if sealed[:1] != FORMAT:
        raise SealBroken(f"format {sealed[:1].hex() or 'absent'}")
    try:
        return cipher.decrypt(nonce, body, FORMAT).decode()
    except (InvalidTag, ValueError):
        raise SealBroken(f"{len(sealed)} bytes") from None


def blind_index(text: str, key: bytes, purpose: str) -> str:
    """Return a keyed hash by which equal texts find each other without being readable.

    Hashes of different purposes never meet.

    >>> blind_index("1", bytes(32), "phone") == blind_index("1", bytes(32), "id number")
    False

    Raises
    ------
    FieldKeyWrong
        The key is not 32 bytes.
    """
    return hmac.new(_subkey(key, f"index:{purpose}"), text.encode(), hashlib.sha256).hexdigest()


def masked_phone(number: str) -> str:
    """Return a telephone number as most people may see it.

    >>> masked_phone("19900001234"), masked_phone("0911-8212345"), masked_phone("12345")
    ('199****1234', '0911-****345', '****')
    """
    if "-" in number:
        area_code, line = number.split("-", 1)
        return f"{area_code}-{MASK}{line[-3:]}"
    return f"{number[:3]}{MASK}{number[-4:]}" if len(number) >= 11 else MASK


def masked_id_number(number: str) -> str:
    """Return an identity or organisation number with its ends only.

    >>> masked_id_number("999999197001010120"), masked_id_number("123"), masked_id_number("")
    ('9***************20', '****', '')
    """
    if not number:
        return ""
    if len(number) < 8:
        return MASK
    return f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}"


@lru_cache(maxsize=16)
def _subkey(key: bytes, purpose: str) -> bytes:
    if len(key) != KEY_BYTES:
        raise FieldKeyWrong(f"{len(key)} bytes")
    info = f"lamplighter field key 1: {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_subkey(key, "seal"))
