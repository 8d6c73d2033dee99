"""Money in yuan, exact to the fen."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")


class NotWholeFen(ValueError):
    """An amount is not a whole number of fen."""


def whole_fen(*, amount_cny: Decimal) -> int:
    """Return an exact amount as fen.

    >>> whole_fen(amount_cny=Decimal("12.30"))
    1230

    Raises
    ------
    NotWholeFen
        The amount has a fraction of a fen, or is not finite.
    """
    if not amount_cny.is_finite() or amount_cny != amount_cny.quantize(FEN):
        raise NotWholeFen(str(amount_cny))
    return int(amount_cny * 100)


def rounded_to_fen(*, amount_cny: Decimal) -> Decimal:
    """Round half up to the fen, as bills are rounded.

    >>> rounded_to_fen(amount_cny=Decimal("0.005"))
    Decimal('0.01')
    """
    return amount_cny.quantize(FEN, rounding=ROUND_HALF_UP)
