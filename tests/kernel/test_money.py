"""Money is exact to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.kernel import money

FEN = st.integers(-(10**12), 10**12)


@given(fen=FEN)
def test_whole_fen_are_read_back_exactly(fen: int):
    assert money.whole_fen(amount_cny=Decimal(fen) / 100) == fen


@pytest.mark.parametrize("amount", ["0.001", "12.345", "NaN", "Infinity", "-0.009"])
def test_parts_of_a_fen_are_refused(amount: str):
    with pytest.raises(money.NotWholeFen, match=amount):
        money.whole_fen(amount_cny=Decimal(amount))


@given(amount=st.decimals(-(10**9), 10**9, places=5))
def test_rounding_moves_by_half_a_fen_at_most_and_only_once(amount: Decimal):
    rounded = money.rounded_to_fen(amount_cny=amount)

    assert abs(rounded - amount) <= Decimal("0.005")
    assert money.rounded_to_fen(amount_cny=rounded) == rounded
    assert money.rounded_to_fen(amount_cny=-amount) == -rounded
    money.whole_fen(amount_cny=rounded)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.015", "0.02"), ("2.675", "2.68"), ("-1.005", "-1.01")],
)
def test_half_a_fen_goes_up(amount: str, rounded: str):
    assert money.rounded_to_fen(amount_cny=Decimal(amount)) == Decimal(rounded)
