"""Each kind of value, as people and programs write it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.intake import limits, quantities, repeats, texts, times
from lamplighter.facts.intake.cells import Task
from lamplighter.facts.intake.mappings import Column, FileForm
from lamplighter.facts.intake.records import ROW_NUMBER, Field, FieldKind, RecordType

TODAY = date(2026, 11, 25)


def task(kind, *, name="value", form="csv", zone="Asia/Shanghai", **more) -> Task:
    field_keys = {"unit", "choices", "decimals", "least", "most", "longest"}
    column = {key: value for key, value in more.items() if key not in field_keys}
    if "theirs" in column:
        column["unit"] = column.pop("theirs")
    return Task(
        field=Field(name=name, kind=kind, **{k: v for k, v in more.items() if k in field_keys}),
        column=Column(field=name, source="x", **column),
        form=FileForm(format=form, time_zone=ZoneInfo(zone)),
        limits=limits.limits_on(day=TODAY),
        today=TODAY,
    )


def result(found):
    reasons = found.reasons.to_pylist() if found.reasons is not None else [None] * len(found.values)
    return list(zip(found.values.to_pylist(), reasons, strict=True))


class TestDecimals:
    @pytest.mark.parametrize(
        ("text", "value", "reason"),
        [
            ("12.30", Decimal("12.30"), None),
            ("1,234,567.8", Decimal("1234567.80"), None),
            ("￥１，２３４．５０元", Decimal("1234.50"), None),
            ("-5", Decimal("-5.00"), None),
            ("", None, None),
            ("0.005", None, "TOO_PRECISE"),
            ("1,23", None, "NOT_A_NUMBER"),
            ("12,34,567", None, "NOT_A_NUMBER"),
            ("1e400", None, "NOT_A_NUMBER"),
            ("NaN", None, "NOT_FINITE"),
            ("-Infinity", None, "NOT_FINITE"),
            ("1e20", None, "TOO_LARGE"),
            ("1_000", None, "NOT_A_NUMBER"),
            ("=1+1", None, "FORMULA"),
            ("#REF!", None, "CELL_ERROR"),
        ],
    )
    def test_texts(self, text, value, reason):
        found = quantities.convert_decimal(
            array=pa.array([text, "1"]), task=task(FieldKind.DECIMAL, unit="CNY")
        )

        assert result(found) == [(value, reason), (Decimal("1.00"), None)]

    @given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
    def test_fen_become_yuan_exactly(self, amounts):
        fen = task(FieldKind.DECIMAL, unit="CNY", theirs="分")

        whole = quantities.convert_decimal(array=pa.array(amounts), task=fen)
        written = quantities.convert_decimal(array=pa.array([str(a) for a in amounts]), task=fen)

        expected = [(Decimal(amount) / 100, None) for amount in amounts]
        assert result(whole) == expected
        assert result(written) == expected

    @given(st.lists(st.decimals("-1e13", "1e13", places=2), min_size=1), st.booleans())
    def test_every_amount_survives_its_writing(self, amounts, grouped):
        written = [f"{amount:,}" if grouped else str(amount) for amount in amounts]

        found = quantities.convert_decimal(
            array=pa.array(written), task=task(FieldKind.DECIMAL, unit="CNY")
        )

        assert found.values.to_pylist() == amounts

    def test_range(self):
        found = quantities.convert_decimal(
            array=pa.array(["-0.01", "0", "100", "100.01"]),
            task=task(FieldKind.DECIMAL, least=Decimal(0), most=Decimal(100)),
        )

        assert [reason for _, reason in result(found)] == ["TOO_SMALL", None, None, "TOO_LARGE"]


class TestNumbers:
    def test_units_and_missing_nan(self):
        wh = task(FieldKind.NUMBER, unit="kWh", theirs="Wh", missing=("NaN",))

        found = quantities.convert_number(array=pa.array([1500.0, float("nan"), None]), task=wh)

        assert result(found) == [(1.5, None), (None, None), (None, None)]

    def test_whole_numbers(self):
        found = quantities.convert_integer(
            array=pa.array(["12", "1,200", "7.0", "7.5", "x"]), task=task(FieldKind.INTEGER)
        )

        assert result(found) == [
            (12, None),
            (1200, None),
            (7, None),
            (None, "NOT_WHOLE"),
            (None, "NOT_A_NUMBER"),
        ]


class TestDays:
    def test_usual_and_named_forms(self):
        usual = times.convert_day(
            array=pa.array(["2026-01-31", "20260131", "2026年1月31日", "31.01.2026"]),
            task=task(FieldKind.DAY),
        )
        named = times.convert_day(
            array=pa.array(["31.01.2026", "2026-01-31"]),
            task=task(FieldKind.DAY, formats=("%d.%m.%Y",)),
        )

        day = date(2026, 1, 31)
        assert result(usual) == [(day, None)] * 3 + [(None, "NOT_A_DAY")]
        assert result(named) == [(day, None), (None, "NOT_A_DAY")]

    def test_a_far_end_is_no_end_and_a_far_date_is_wrong(self):
        far = pa.array(["9999-12-31", "2060-01-01"])

        end = times.convert_day(array=far, task=task(FieldKind.DAY, name="last_day"))
        typed = times.convert_day(
            array=far.cast(pa.date32()), task=task(FieldKind.DAY, name="last_day")
        )
        date_of_bill = times.convert_day(array=far, task=task(FieldKind.DAY, name="issued_date"))

        assert result(end) == result(typed) == [(None, None), (date(2060, 1, 1), None)]
        assert [reason for _, reason in result(date_of_bill)] == ["TOO_LATE", "TOO_LATE"]

    def test_a_timestamp_with_a_time_of_day_is_no_day(self):
        moments = pa.array([datetime(2026, 1, 1), datetime(2026, 1, 1, 8)])  # noqa: DTZ001

        found = times.convert_day(array=moments, task=task(FieldKind.DAY))

        assert result(found) == [(date(2026, 1, 1), None), (None, "NOT_MIDNIGHT")]


class TestMoments:
    def test_local_times_become_utc(self):
        found = times.convert_moment(
            array=pa.array(["2026-01-01 08:00:00", "2026/1/1 8:00", "2026-01-01T08:00:00+08:00"]),
            task=task(FieldKind.MOMENT),
        )

        assert found.values.to_pylist() == [datetime(2026, 1, 1, tzinfo=UTC)] * 3

    def test_times_that_were_twice_or_never_are_refused(self):
        found = times.convert_moment(
            array=pa.array(["2024-10-27 02:30:00", "2024-03-31 02:30:00", "2024-06-01 12:00:00"]),
            task=task(FieldKind.MOMENT, zone="Europe/Berlin"),
        )

        assert result(found) == [
            (None, "AMBIGUOUS_MOMENT"),
            (None, "NO_SUCH_MOMENT"),
            (datetime(2024, 6, 1, 10, tzinfo=UTC), None),
        ]


class TestTexts:
    def test_codes_by_the_mapping_only(self):
        found = texts.convert_choice(
            array=pa.array([" 居民 ", "RESIDENTIAL", None]),
            task=task(
                FieldKind.CHOICE, choices=("RESIDENTIAL",), values=(("居民", "RESIDENTIAL"),)
            ),
        )

        assert result(found) == [("RESIDENTIAL", None), (None, "UNKNOWN_CHOICE"), (None, None)]

    def test_flags_in_the_usual_words(self):
        found = texts.convert_flag(
            array=pa.array(["是", "N", "1", "no", "maybe"]), task=task(FieldKind.FLAG)
        )

        assert result(found) == [
            (True, None),
            (False, None),
            (True, None),
            (False, None),
            (None, "NOT_A_FLAG"),
        ]

    def test_numbered_words_are_checked_like_plain_ones(self):
        plain = pa.array(["　甲 ", "=x", None, "a\x07", "长" * 300, "甲"])

        once = texts.convert_text(array=plain.dictionary_encode(), task=task(FieldKind.TEXT))

        assert result(once) == result(texts.convert_text(array=plain, task=task(FieldKind.TEXT)))
        assert [reason for _, reason in result(once)] == [
            None,
            "FORMULA",
            None,
            "CONTROL_CHARACTER",
            "TOO_LONG",
            None,
        ]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=60), st.integers(1, 9))
def test_repeats_are_found_as_a_plain_loop_finds_them(rows, size):
    record = RecordType(
        name="r",
        key=("k",),
        fields=(Field(name="k", kind=FieldKind.INTEGER), Field(name="v", kind=FieldKind.INTEGER)),
    )
    seen = repeats.Repeats(record=record)
    kept, identical, conflicting = [], 0, []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        batch = pa.record_batch(
            {
                "k": pa.array([k for k, _ in part], pa.int64()),
                "v": pa.array([v for _, v in part], pa.int64()),
                ROW_NUMBER: pa.array(np.arange(start, start + len(part))),
            }
        )
        parted = seen.part(rows=batch)
        kept += parted.rows.column(ROW_NUMBER).to_pylist()
        identical += parted.n_identical
        conflicting += parted.conflicting

    standing: dict[int, int] = {}
    expected_kept, expected_identical, expected_conflicting = [], 0, []
    for number, (key, value) in enumerate(rows):
        if key not in standing:
            standing[key] = value
            expected_kept.append(number)
        elif standing[key] == value:
            expected_identical += 1
        else:
            expected_conflicting.append(number)
    assert (kept, identical, conflicting) == (
        expected_kept,
        expected_identical,
        expected_conflicting,
    )
