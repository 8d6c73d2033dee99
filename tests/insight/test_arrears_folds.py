"""Folds: what is alike stays together, and every part is as large as the others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.arrears import validation

seeds = st.integers(min_value=0, max_value=2**32 - 1)


class TestFolds:
    @given(seed=seeds)
    @settings(max_examples=20, deadline=None)
    def test_a_group_stays_together_and_folds_are_alike(self, seed):
        dice = np.random.default_rng(seed)
        groups, outcome = dice.integers(0, 150, 300), dice.random(300) < 0.2

        fold = validation.folds_of(groups=groups, outcome=outcome, folds=5, seed=seed)

        assert all(len(set(fold[groups == group])) == 1 for group in set(groups))
        groups_in = [len(set(groups[fold == number])) for number in range(5)]
        assert max(groups_in) - min(groups_in) <= 2

    def test_equal_rows_are_one_group(self):
        rows = np.array([[1.0, np.nan], [1.0, 2.0], [1.0, np.nan], [3.0, 2.0]])

        found = validation.groups_of_rows(values=rows)

        assert found[0] == found[2]
        assert len(set(found.tolist())) == 3

    def test_refuses_more_folds_than_groups(self):
        with pytest.raises(validation.TooFewGroups, match="1 groups"):
            validation.folds_of(groups=np.arange(4), outcome=np.arange(4) == 0, folds=2, seed=1)
