"""Whichever part of the real sets is given, the benchmarks read the same of it, or say what lacks.

The rows are drawn here: none of them is real.
"""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import goals, pages_of_figures, real_files
from benchmarks.quality import (
    arrears,
    change,
    forecast,
    homes,
    learning_change,
    learnt_from,
    splices,
    value,
)
from benchmarks.running import NoData
from benchmarks.speed import change as change_speed
from lamplighter.insight.change import examples

METERS = ("b0", "b10", "b2")
FIRST = np.datetime64("2021-12-20", "D")
N_DAYS = 80
DICE = 20141101


@pytest.fixture
def kwh():
    hours = np.random.default_rng(DICE).gamma(4.0, 2.0, (len(METERS), N_DAYS, 24))
    return np.round(hours, 1).astype(np.float32)


def rows_of(kwh):
    """The two files as the set has them: meter, moment and energy."""
    n = np.arange(kwh.size)
    hourly = pa.table(
        {
            "meter": np.repeat(METERS, N_DAYS * 24),
            "hour_start": (FIRST + n // 24 % N_DAYS).astype("datetime64[us]")
            + (n % 24).astype("timedelta64[h]"),
            "kwh": kwh.ravel(),
        }
    )
    of_days = np.arange(kwh.size // 24)
    daily = pa.table(
        {
            "meter": np.repeat(METERS, N_DAYS),
            "day": pa.array(FIRST + of_days % N_DAYS, pa.date32()),
            "kwh": kwh.sum(axis=2).ravel(),
            "zero_hours": np.zeros(len(of_days), dtype=np.int8),
        }
    )
    return daily, hourly


def write(folder, daily=None, hourly=None):
    if daily is not None:
        pq.write_table(daily, folder / "cambridge_daily.parquet")
    if hourly is not None:
        pq.write_table(hourly, folder / "cambridge_hourly_2019_2023.parquet")


def changed(table, **columns):
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def shuffled(table):
    return table.take(np.random.default_rng(DICE).permutation(table.num_rows))


def as_categories(table, column):
    """A column as categories, one of which no row has any more."""
    names = pa.concat_arrays([pa.array(["b99"]), *table[column].chunks])
    return names.dictionary_encode()[1:]


def cut_by_hand(table, moment):
    """The same readings in other words: other order, types, units, and columns beside."""
    other = changed(
        table,
        meter=as_categories(table, "meter"),
        kwh=table["kwh"].cast(pa.float64()),
        **{moment: table[moment].cast(pa.timestamp("ms")).cast(pa.timestamp("ns", tz="UTC"))},
    )
    other = other.append_column("source", pa.array(["x"] * table.num_rows))
    return shuffled(other.select(other.column_names[::-1]))


@pytest.mark.parametrize("hourly", [False, True])
def test_a_part_cut_with_other_tools_is_read_alike(tmp_path, kwh, hourly):
    plain, cut = tmp_path / "plain", tmp_path / "cut"
    plain.mkdir()
    cut.mkdir()
    of_days, of_hours = rows_of(kwh)
    write(plain, of_days, of_hours)
    write(cut, cut_by_hand(of_days, "day"), cut_by_hand(of_hours, "hour_start"))

    one, other = (splices.read(folder, hourly=hourly) for folder in (plain, cut))

    assert one.energy_kwh.shape == (len(METERS), N_DAYS)
    np.testing.assert_array_equal(one.days, FIRST + np.arange(N_DAYS))
    np.testing.assert_allclose(one.energy_kwh, kwh.sum(axis=2), rtol=1e-5)
    np.testing.assert_array_equal(other.days, one.days)
    np.testing.assert_array_equal(other.energy_kwh, one.energy_kwh)
    assert (other.hours is None) == (one.hours is None) == (not hourly)


def test_whole_numbers_and_numbered_meters_are_read_too(tmp_path, kwh):
    of_days = rows_of(kwh)[0]
    numbered = pc_numbers(of_days["meter"])
    write(tmp_path, changed(of_days, meter=numbered, kwh=whole(of_days["kwh"])))

    found = splices.read(tmp_path, hourly=False)

    np.testing.assert_array_equal(found.energy_kwh, np.round(kwh.sum(axis=2).astype(np.float32)))


def pc_numbers(names):
    return pa.array([int(name.as_py().removeprefix("b")) for name in names])


def whole(numbers):
    return pa.array(np.round(numbers.to_numpy()).astype(np.int64))


def test_a_folder_without_a_file_names_it(tmp_path):
    with pytest.raises(NoData, match="_daily"):
        splices.read(tmp_path, hourly=False)
    with pytest.raises(NoData, match="bamberg_15min"):
        homes.given(tmp_path)
    with pytest.raises(NoData, match="credit_default"):
        arrears.read(tmp_path / "credit_default.csv")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda rows: rows.slice(0, 0), "has no rows"),
        (lambda rows: rows.rename_columns(["meter", "day", "energy", "zero_hours"]), "column kwh"),
        (lambda rows: changed(rows, day=pa.array(["soon"] * rows.num_rows)), "column day"),
        (lambda rows: changed(rows, meter=pa.nulls(rows.num_rows, pa.string())), "no meter"),
        (lambda rows: pa.concat_tables([rows, shuffled(rows).slice(0, 5)]), None),
        (
            lambda rows: pa.concat_tables(
                [rows, changed(rows, kwh=rows["kwh"].combine_chunks()[::-1])]
            ),
            "otherwise than a later row",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, kwh, spoil, says):
    write(tmp_path, spoil(rows_of(kwh)[0]))

    if says is None:  # the same row twice says one thing
        assert splices.read(tmp_path, hourly=False).energy_kwh.shape == (3, N_DAYS)
        return
    with pytest.raises(real_files.Unfit, match=says):
        splices.read(tmp_path, hourly=False)


def weeks_of_homes(n_homes, weeks):
    dice = np.random.default_rng(DICE)
    n = n_homes * len(weeks)
    columns = {
        "VID": np.repeat(7_000_000 + np.arange(n_homes), len(weeks)),
        "week": np.tile(np.array(weeks, dtype=np.float64), n_homes),
    }
    quarters = {name: dice.gamma(2.0, 0.1, n).astype(np.float32) for name in homes.QUARTERS}
    return pa.table(columns | quarters)


def test_homes_of_fewer_weeks_are_not_mixed_with_each_other(tmp_path):
    whole_set = weeks_of_homes(7, [44, 45, 46, 47, 48, 49])
    pq.write_table(shuffled(whole_set), tmp_path / homes.FILE)

    found = homes.given(tmp_path)

    assert found.kwh.shape == (7, 6, 7, 24)
    assert found.n_left_out == 0
    total = sum(whole_set[name].to_numpy()[12:18].sum(dtype=np.float64) for name in homes.QUARTERS)
    assert found.kwh[2].sum() == pytest.approx(total, rel=1e-5)
    assert homes.read(tmp_path, hourly=True, seed=1).hours.shape == (7, 560, 24)


def test_a_home_without_a_week_is_left_out_and_counted(tmp_path):
    whole_set = weeks_of_homes(5, [44, 45, 46])
    pq.write_table(whole_set.slice(1), tmp_path / homes.FILE)

    found = homes.given(tmp_path)

    assert (len(found.kwh), found.n_left_out) == (4, 1)


def test_homes_of_a_single_week_are_refused(tmp_path):
    pq.write_table(weeks_of_homes(5, [44]), tmp_path / homes.FILE)

    with pytest.raises(real_files.Unfit, match="2 weeks or more"):
        homes.given(tmp_path)


def test_what_the_judge_was_learnt_from_is_told_by_days_not_by_names(kwh):
    meters = splices.Meters(
        days=FIRST + np.arange(N_DAYS), energy_kwh=kwh.sum(axis=2, dtype=np.float64), hours=None
    )
    learnt = learnt_from.fingerprints(meters)[1][:4]  # of all three one month, of one another
    other = splices.Meters(
        days=meters.days[5:-12],
        energy_kwh=meters.energy_kwh[::-1, 5:-12] + np.array([[0.0], [0.0], [3.0]]),
        hours=None,
    )

    found = learnt_from.said_of(other, learnt=learnt)

    assert set(np.diff(np.sort(learnt_from.fingerprints(meters)[0]))) == {0, 1}
    assert found == {
        "judge_that_ships_was": "learnt from some of these meters",
        "meters_he_was_learnt_from": 2,
        "months_he_was_learnt_from_share": 0.667,
    }


def test_months_that_are_not_whole_leave_no_fingerprint(kwh):
    energy = kwh.sum(axis=2, dtype=np.float64)
    energy[0, 20] = 0.0  # in January

    row, told = learnt_from.fingerprints(
        splices.Meters(days=FIRST + np.arange(N_DAYS), energy_kwh=energy, hours=None)
    )

    assert row.tolist() == [1, 2, 0, 1, 2]  # January and February; December and March are cut
    assert len(set(told.tolist())) == 5


def test_the_fingerprints_that_ship_are_of_more_than_ten_thousand_months():
    assert len(np.unique(learnt_from.known())) == len(learnt_from.known()) > 10_000


def test_a_judge_tells_which_files_of_a_folder_he_was_learnt_from(tmp_path, kwh):
    of_days, of_hours = rows_of(kwh)
    pq.write_table(of_days, tmp_path / "street_daily.parquet")
    pq.write_table(of_hours, tmp_path / "other_street_hourly.parquet")

    told = learning_change.provenance(
        tmp_path, tables=(examples.looks(), examples.looks(by_hours=True))
    )

    assert "200 splices of 40 meters of street_daily.parquet," in told
    assert "200 splices of 40 meters of other_street_hourly.parquet;" in told
    assert str(tmp_path) not in told


def test_nothing_that_suffices_for_splices_names_each_part(tmp_path, kwh):
    write(tmp_path, rows_of(kwh)[0])

    with pytest.raises(NoData, match=r"12 whole meters.*_hourly.*bamberg"):
        change.run(tmp_path)


def test_a_part_that_is_left_out_leaves_its_aim_unmeasured(tmp_path, kwh):
    write(tmp_path, rows_of(kwh)[0])

    part = change.or_left_out(lambda: change.measure(splices.read(tmp_path, hourly=False)))

    assert "12 whole meters" in part[goals.LEFT_OUT]
    aim = goals.Goal(words="hits", figure="daily.hit_rate", compare="≥", bound=0.7)
    said = pages_of_figures.goals_table(goals.reached(goals=(aim,), figures={"daily": part}))
    assert "| hits | ≥ 0.7 |  | **not measured** |" in said


def test_too_short_a_part_is_said_where_years_are_needed(tmp_path, kwh):
    write(tmp_path, rows_of(kwh)[0])
    daily = tmp_path / "cambridge_daily.parquet"

    with pytest.raises(real_files.Unfit, match="0 windows of 1035 days found where 1000"):
        change_speed.series(daily)
    series = forecast.cambridge(daily)
    assert "first 3 years" in forecast.judged_real([], series)[goals.LEFT_OUT]
    monthly = value.by_month(series.energy_kwh, series.days)
    assert "36 are history" in value.grown(monthly, np.arange(3))[goals.LEFT_OUT]


def test_the_forecast_reads_a_part_cut_with_other_tools_alike(tmp_path, kwh):
    plain, cut = tmp_path / "plain", tmp_path / "cut"
    plain.mkdir()
    cut.mkdir()
    of_days = rows_of(kwh)[0]
    dark = np.zeros(of_days.num_rows)
    dark[7] = 24
    write(plain, changed(of_days, zero_hours=pa.array(dark.astype(np.int8))))
    write(cut, cut_by_hand(changed(of_days, zero_hours=pa.array(dark)), "day"))

    one, other = (forecast.cambridge(folder / "cambridge_daily.parquet") for folder in (plain, cut))

    assert np.isnan(one.energy_kwh[0, 7])
    np.testing.assert_array_equal(other.energy_kwh, one.energy_kwh)
    assert other.festivals == one.festivals


def write_cards(path, *, outcomes, drop=(), text=str):
    names = ["LIMIT_BAL", *arrears.DELAYS]
    names += [f"{kind}_AMT{month}" for kind in ("BILL", "PAY") for month in arrears.MONTHS]
    names = [name for name in ["", "class", *reversed(names), "ID"] if name not in drop]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row, outcome in enumerate(outcomes):
            cells = [text(100 * row + place) for place in range(len(names))]
            cells[names.index("class")] = text(outcome)
            writer.writerow(cells)


def test_accounts_are_read_by_name_whatever_the_order_and_form(tmp_path):
    whole_numbers, decimals = tmp_path / "a.csv", tmp_path / "b.csv"
    write_cards(whole_numbers, outcomes=[0, 1] * 6)
    write_cards(decimals, outcomes=[0, 1] * 6, text=lambda value: f"{value}.0")

    one, other = arrears.read(whole_numbers), arrears.read(decimals)

    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert not arrears.are_those_chosen_on(one)


def test_too_few_accounts_to_learn_from_are_said(tmp_path):
    file = tmp_path / "credit_default.csv"
    write_cards(file, outcomes=[0, 1] * 30)

    with pytest.raises(real_files.Unfit, match=r"too few accounts to learn from: 48"):
        arrears.run(file, seeds=1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"outcomes": [0, 1] * 6, "drop": ("BILL_AMT3",)}, "no column BILL_AMT3"),
        ({"outcomes": [0] * 12}, "class is 0 on 12 and 1 on 0 of 12"),
        ({"outcomes": []}, "of 0 accounts"),
        (
            {"outcomes": [0, 1] * 6, "text": lambda value: "?" if value > 1100 else value},
            "no number",
        ),
    ],
)
def test_accounts_that_cannot_be_ranked_say_why(tmp_path, options, says):
    file = tmp_path / "credit_default.csv"
    write_cards(file, **options)

    with pytest.raises(real_files.Unfit, match=says):
        arrears.read(file)
