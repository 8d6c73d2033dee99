"""Names, identity numbers and telephone numbers that can belong to nobody.

Identity numbers begin with 999999, a region that GB/T 2260 does not assign; their check digit
is right. Telephone numbers begin with 154, which no operator has been given.
"""

import numpy as np

from lamplighter.town import words

_SURNAMES = tuple(name for name, _ in words.SURNAMES)
_BOUNDS = np.cumsum([weight for _, weight in words.SURNAMES], dtype=np.float64)
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
FICTITIOUS_REGION = "999999"
FICTITIOUS_PREFIX = "154"


def _surname(rng: np.random.Generator) -> str:
    """Draw a surname by its frequency."""
    at = np.searchsorted(_BOUNDS, rng.random() * _BOUNDS[-1], side="right")
    return _SURNAMES[int(at)]


def person_name(*, rng: np.random.Generator, born: int, family: str | None = None) -> str:
    """Draw a name as people of that year of birth have it."""
    pool = (
        words.GIVEN_OLD if born < 1966 else words.GIVEN_MIDDLE if born < 1992 else words.GIVEN_YOUNG
    )
    picks = rng.integers(0, len(pool), 2)
    given = pool[picks[0]] if rng.random() < 0.22 else pool[picks[0]] + pool[picks[1]]
    return (family or _surname(rng)) + given


def identity_number(*, born: int, day_of_year: int, serial: int) -> str:
    """Return an 18-digit number of a region that does not exist, with its check digit.

    Examples
    --------
    >>> identity_number(born=1970, day_of_year=0, serial=12)
    '999999197001010121'
    """
    month, day = day_of_year // 28 % 12 + 1, day_of_year % 28 + 1
    body = f"{FICTITIOUS_REGION}{born:04d}{month:02d}{day:02d}{serial % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _CHECK_WEIGHTS, strict=True))
    return body + _CHECK_DIGITS[total % 11]


def phone_number(*, serial: int) -> str:
    """Return a telephone number that nobody has.

    Examples
    --------
    >>> phone_number(serial=17)
    '15400000017'
    """
    return f"{FICTITIOUS_PREFIX}{serial:08d}"
