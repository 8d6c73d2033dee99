"""Telephone numbers in the one form in which they are compared and dialled."""

import re
import unicodedata

import phonenumbers

MOBILE = re.compile(r"1[3-9]\d{9}")
PUNCTUATION = re.compile(r"[\s\-‐-―－ー()()\[\].·]+")
COUNTRY = re.compile(r"\A(?:\+|00)86")
EXTENSION = re.compile(r"(?:ext|x|转|分机|#|,|;|、|/)", re.IGNORECASE)
AREA_CODE = re.compile(r"0(?:10|2\d|[3-9]\d\d)")
TAIL_DIGITS = 4


class PhoneUnusable(ValueError):
    """A text is no number a person can be reached at; it is not repeated here."""


def normalised(*, text: str) -> str:
    """Return a mobile number as 11 digits, a landline as ``area code-line``.

    Service lines (95598, 400…), numbers without an area code, several numbers in one text and
    extensions are refused: none of them reaches one person.

    >>> normalised(text="+86 199 0000 1234"), normalised(text="(0911)8212345")
    ('19900001234', '0911-8212345')

    Raises
    ------
    PhoneUnusable
        The text is no such number.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if EXTENSION.search(plain):
        raise PhoneUnusable("an extension, or more than one number")
    digits = PUNCTUATION.sub("", plain)
    had_country = COUNTRY.match(digits)
    digits = COUNTRY.sub("", digits, count=1)
    if MOBILE.fullmatch(digits):
        return digits
    if had_country and not digits.startswith("0"):
        digits = f"0{digits}"
    area_code = AREA_CODE.match(digits)
    if not area_code or not digits.isascii() or not digits.isdigit():
        raise PhoneUnusable("neither a mobile number nor a landline with its area code")
    line = digits[area_code.end() :]
    if len(line) not in {7, 8} or line[0] in "019":
        raise PhoneUnusable("no line of seven or eight digits")
    if not phonenumbers.is_possible_number(phonenumbers.parse(digits, "CN")):
        raise PhoneUnusable("not possible in the national numbering plan")
    return f"{area_code.group()}-{line}"


def tail(*, number: str) -> str:
    """Return the last digits by which people remember a number.

    >>> tail(number="0911-8212345")
    '2345'
    """
    return number[-TAIL_DIGITS:]
