"""Units a file may use, and how many of ours one of theirs is."""

from decimal import Decimal

_ENERGY = {"Wh": "0.001", "kWh": "1", "MWh": "1000", "度": "1", "千瓦时": "1", "万千瓦时": "10000"}
_MONEY = {"CNY": "1", "元": "1", "角": "0.1", "分": "0.01", "fen": "0.01", "万元": "10000"}
_POWER = {"VA": "0.001", "kVA": "1", "MVA": "1000", "千伏安": "1"}
_TIME = {"min": "1", "minutes": "1", "分钟": "1", "h": "60", "小时": "60"}
_DEGREES = {"deg": "1", "度": "1"}
_FAMILIES = (_ENERGY, _MONEY, _POWER, _TIME, _DEGREES)


def factors_of(*, unit: str) -> dict[str, Decimal]:
    """Return the units that turn into *unit*, each with its factor; empty where none is known.

    >>> factors_of(unit="kWh")["Wh"]
    Decimal('0.001')
    """
    for family in _FAMILIES:
        if unit in family:
            ours = Decimal(family[unit])
            return {name: Decimal(factor) / ours for name, factor in family.items()}
    return {}


def factor(*, theirs: str, ours: str) -> Decimal:
    """Return how many of our unit one of theirs is; 1 where the file names none."""
    return factors_of(unit=ours)[theirs] if theirs else Decimal(1)
