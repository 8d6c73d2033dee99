"""The capacity plan says what its inputs give, and knows measured from extrapolated."""

from pathlib import Path

import pytest

from benchmarks.speed import capacity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/capacity.md").read_text(encoding="utf-8")
MARK = "<!-- printed below this line by benchmarks.speed.capacity -->\n"


def test_the_page_holds_the_tables_as_they_are_printed_now():
    assert PAGE.split(MARK)[1].strip() == capacity.tables().strip()


def test_every_assumption_says_where_it_comes_from_and_each_price_that_nobody_confirmed_it():
    rows = capacity.told()

    assert all(row["source"] and row["unit"] for row in rows.values())
    for name, row in rows.items():
        assert not name.endswith("_cny") or "not confirmed" in row["source"], name


def test_no_line_is_both_measured_and_extrapolated():
    measured, assumed = capacity.read()
    ours = capacity.one_customer(measured)
    theirs = capacity.everybody(measured, assumed)

    assert {line.known for line in ours} == {capacity.MEASURED}
    assert {line.known for line in theirs} == {capacity.COMPUTED}
    assert not {line.what for line in ours} & {line.what for line in theirs}
    assert all(line.value > 0 for line in (*ours, *theirs))


def test_twice_the_customers_cost_twice_and_half_the_window_needs_twice_the_cores():
    measured, assumed = capacity.read()
    plan = {line.what: line.value for line in capacity.everybody(measured, assumed)}
    twice = {
        line.what: line.value
        for line in capacity.everybody(measured, assumed | {"customers": 2 * assumed["customers"]})
    }
    hasty = {
        line.what: line.value
        for line in capacity.everybody(measured, assumed | {"window_h": assumed["window_h"] / 2})
    }

    for what in ("PostgreSQL, all cells", "workers' core-hours a night", "books, all cells"):
        assert twice[what] == pytest.approx(2 * plan[what])
    assert twice["PostgreSQL, a cell"] == pytest.approx(plan["PostgreSQL, a cell"])
    assert hasty["workers' cores"] == pytest.approx(2 * plan["workers' cores"], abs=1)


def test_the_largest_figure_can_be_added_up_by_hand():
    measured, assumed = capacity.read()
    plan = {line.what: line.value for line in capacity.everybody(measured, assumed)}

    a_day = measured["bytes"]["interval"] / measured["listing"]["interval_days"]
    points = measured["points"] / measured["accounts"] * 500e6

    assert plan["curves of 96 points, a year"] == pytest.approx(points * 365 * a_day / 1e12)


def test_what_gives_way_first_comes_first_and_names_its_remedy():
    found = capacity.limits(*capacity.read())

    assert [limit.customers for limit in found] == sorted(limit.customers for limit in found)
    assert all(limit.remedy for limit in found)
