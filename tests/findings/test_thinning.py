"""Rows thinned as they come are every step-th of all rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.findings.shard.thinning import Thinned


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=12), most=st.integers(1, 60))
def test_what_is_left_is_every_so_manyth_row_whatever_the_shards(sizes, most):
    total = sum(sizes)
    table = np.arange(total * 2.0).reshape(total, 2)
    outcome = np.random.default_rng(total).random(total) < 0.3
    rows = Thinned(most=most)

    begin = 0
    for size in sizes:
        rows.add(features=table[begin : begin + size].copy(), outcome=outcome[begin : begin + size])
        begin += size

    step = 1
    while -(-total // step) > most:
        step *= 2
    np.testing.assert_array_equal(rows.features, table[::step])
    np.testing.assert_array_equal(rows.outcome, outcome[::step])
